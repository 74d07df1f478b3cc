#include <memory>

#include "cli/adapter_text.h"
#include "cli/all_pages.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class AdaptersCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "adapters", "[MODEL]", "List the LoRAs and embeddings for a model",
        "Lists what prompts may call: LoRAs and the like, with the words that they were trained\n"
        "on, and embeddings, with the tokens that they take. Without a model, those for the\n"
        "server's default model. The server finds new files by itself, within seconds.",
        "  darkroom adapters\n"
        "  darkroom adapters sdxl-base --json\n"
        "  darkroom generate \"a castle, finely drawn <lora:detail:0.7>\" --negative_prompt bad\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ListAdaptersRequest request;
    if (!arguments.empty()) request.set_parent(ModelName(arguments[0]));
    const auto listed = AllPages<v1::ListAdaptersResponse>(
        request, [&](const auto& page) { return (*connection)->ListAdapters(page); });
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    Print(*listed);
    return ExitCode::kDone;
  }

 private:
  void Print(const v1::ListAdaptersResponse& listed) const {
    if (json_) return PrintResult(ToJson(listed));
    if (listed.adapters().empty()) {
      return PrintNote("no LoRAs and embeddings: the server has found none for this model");
    }
    PrintResult(AdaptersText(listed));
  }

  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewAdaptersCommand() { return std::make_unique<AdaptersCommand>(); }

}  // namespace darkroom::cli
