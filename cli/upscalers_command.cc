#include <memory>

#include "cli/adapter_text.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class UpscalersCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "upscalers", "[MODEL]", "List what makes pictures larger",
        "Lists what --hires_upscaler may name: ways to scale the latent or the picture, and the\n"
        "networks that the server has found, new files within seconds. Without the latent ones,\n"
        "`darkroom upscale` takes them, too.",
        "  darkroom upscalers\n"
        "  darkroom upscalers sdxl-base --json\n"
        "  darkroom generate \"a castle\" --hires 2 --hires_upscaler RealESRGAN_x4plus\n"
        "  darkroom upscale photo.jpg --upscaler RealESRGAN_x4plus\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ListUpscalersRequest request;
    if (!arguments.empty()) request.set_parent(ModelName(arguments[0]));
    const auto listed = (*connection)->ListUpscalers(request);
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    PrintResult(json_ ? ToJson(*listed) : UpscalersText(*listed));
    return ExitCode::kDone;
  }

 private:
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewUpscalersCommand() { return std::make_unique<UpscalersCommand>(); }

}  // namespace darkroom::cli
