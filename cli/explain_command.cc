#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/explain_text.h"
#include "cli/job_text.h"
#include "cli/picture_options.h"

namespace darkroom::cli {
namespace {

ExplainStyle StyleOfStdout() {
  ExplainStyle style;
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1) return style;
  const char* no_color = std::getenv("NO_COLOR");
  style.colours = no_color == nullptr || *no_color == '\0';
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.columns = size.ws_col;
  return style;
}

class ExplainCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "explain", "PROMPT", "Show what a prompt means",
        "Shows what a model reads in a prompt: the parts that AND joins, which steps read which\n"
        "text, and the tokens of each text with their weights, in chunks of 75. Makes nothing.",
        "  darkroom explain \"a (red:1.3) [apple:pear:0.5] on a table\"\n"
        "  darkroom explain \"a cat AND a dog :0.6\" --sampler Heun --steps 10\n"
        "  darkroom explain \"a castle\" --style watercolour --json\n"};
  }

  void Declare(OptionParser& options) override {
    picture_.DeclareOnly(options, {"negative", "style", "model", "sampler", "steps", "emphasis"});
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ExplainPromptRequest request;
    request.mutable_parameters()->set_prompt(arguments[0]);
    picture_.Apply(*request.mutable_parameters());
    const absl::StatusOr<v1::ExplainPromptResponse> response =
        (*connection)->ExplainPrompt(request);
    if (!response.ok()) return Fail(response.status(), connect_.server);
    PrintResult(json_ ? ToJson(*response) : ExplanationText(*response, StyleOfStdout()));
    return ExitCode::kDone;
  }

 private:
  PictureOptions picture_;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewExplainCommand() { return std::make_unique<ExplainCommand>(); }

}  // namespace darkroom::cli
