#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kPromptBytes = 60;

class StylesCommand final : public Command {
 public:
  CommandText text() const override {
    return {"styles", "", "List the styles that --style may name",
            "Lists the styles of the server, which were given to it with `darkroom up --styles`.",
            "  darkroom styles\n"
            "  darkroom generate \"a castle\" --style watercolour\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    const absl::StatusOr<v1::ListStylesResponse> listed = (*connection)->ListStyles();
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    Print(*listed);
    return ExitCode::kDone;
  }

 private:
  void Print(const v1::ListStylesResponse& listed) const {
    if (json_) return PrintResult(ToJson(listed));
    if (listed.styles().empty()) return PrintNote("no styles: the server was given none");
    std::vector<std::vector<std::string>> rows = {{"STYLE", "PROMPT", "NEGATIVE PROMPT"}};
    for (const v1::Style& style : listed.styles()) {
      rows.push_back({Shortened(style.name(), kPromptBytes),
                      Shortened(style.prompt(), kPromptBytes),
                      Shortened(style.negative_prompt(), kPromptBytes)});
    }
    PrintResult(TableText(rows));
  }

  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewStylesCommand() { return std::make_unique<StylesCommand>(); }

}  // namespace darkroom::cli
