#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/generation.h"
#include "cli/interrupt.h"
#include "cli/upscale_options.h"

namespace darkroom::cli {
namespace {

class UpscaleCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "upscale", "PICTURE", "Make a picture larger",
        "Makes a PNG, JPEG or WebP file larger, or jobs/ID of a finished job, and writes a PNG\n"
        "file that says so behind what the picture said. Prints the path. `darkroom upscalers`\n"
        "lists the networks. Ctrl-C cancels the job.",
        "  darkroom upscale photo.jpg\n"
        "  darkroom upscale jobs/ID --upscaler \"R-ESRGAN 4x+\" --scale 4 --out large.png\n"
        "  darkroom upscale photo.jpg --width 1920 --height 1080\n"
        "  darkroom upscale photo.jpg --upscaler 4x_sharp --upscaler_2 Lanczos --visibility 0.3\n"};
  }

  void Declare(OptionParser& options) override {
    options.BeginGroup("Picture");
    upscale_.Declare(options);
    options.BeginGroup("Server");
    options.Add({"dry_run", "", "make nothing; print what it would cost and the wait", ""},
                &dry_run_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const Interrupt interrupt;
    const auto request = upscale_.Request(arguments[0]);
    if (!request.ok()) return FailUsage(request.status());
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    JobApi& jobs = (*connection)->jobs();
    if (dry_run_) return ForeseePictures(jobs, connect_.server, *request, upscale_.output.json);
    GenerateOptions output = upscale_.output;
    output.out = upscale_.OutPath(arguments[0]);
    return GeneratePictures(jobs, connect_.server, *request, output, interrupt.token());
  }

 private:
  UpscaleOptions upscale_;
  bool dry_run_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewUpscaleCommand() { return std::make_unique<UpscaleCommand>(); }

}  // namespace darkroom::cli
