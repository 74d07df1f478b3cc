#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/generate_options.h"
#include "cli/generation.h"
#include "cli/interrupt.h"
#include "cli/picture_text.h"
#include "cli/restored_parameters.h"

namespace darkroom::cli {
namespace {

class GenerateCommand final : public Command {
 public:
  CommandText text() const override {
    return {"generate", "[PROMPT]", "Make a picture from a text",
            "Makes a picture, shows its progress, and writes it into a PNG file that holds its\n"
            "parameters. Prints the path. Ctrl-C cancels the job. A lost connection is taken up\n"
            "again. With --from it makes the picture of a file again, one of AUTOMATIC1111's too;\n"
            "what else is given, PROMPT or options, goes before what the file says.",
            "  darkroom generate \"a red apple on a blue background\"\n"
            "  darkroom generate \"a green star\" --seed 7 --steps 30 --sampler \"DPM++ 2M\"\n"
            "  darkroom generate \"a cat\" --count 4 --out pictures/ --json\n"
            "  darkroom generate \"a boat\" --out boat.png --timeout 2m\n"
            "  darkroom generate --from boat.png --variation_strength 0.1\n"
            "  darkroom generate \"a ship\" --from boat.png\n"
            "  darkroom generate \"a stormy sea\" --init_image photo.jpg --strength 0.6\n"
            "  darkroom generate \"a cat\" --init_image sofa.png --mask seat.png --only_masked\n"
            "  darkroom generate \"a beach\" --init_image boat.png --extend 64,0,64,0\n"
            "  darkroom generate \"a red apple\" --hires 2 --hires_strength 0.5\n"
            "  darkroom generate \"a red apple\" --steps 50 --dry_run\n"};
  }

  void Declare(OptionParser& options) override {
    options.BeginGroup("Picture");
    options.Add({"from", "FILE", "begin with what a picture says; a text file or - too", ""},
                &from_);
    generate_.Declare(options);
    options.BeginGroup("Server");
    options.Add({"dry_run", "", "make nothing; print what it would cost and the wait", ""},
                &dry_run_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    std::optional<std::string> prompt;
    if (!arguments.empty()) prompt = arguments[0];
    if (!prompt.has_value() && from_.empty()) {
      return FailUsage(absl::InvalidArgumentError("generate needs PROMPT or --from FILE"));
    }
    const Interrupt interrupt;
    connect_.trace = generate_.trace;
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ImageParameters restored;
    if (!from_.empty()) {
      const absl::StatusOr<std::string> text = ReadPictureText(from_);
      if (!text.ok()) return FailLocally(text.status());
      const ExitCode code = RestoreParameters(**connection, connect_.server, *text, restored);
      if (code != ExitCode::kDone) return code;
    }
    const v1::GenerateImageRequest request = generate_.Request(prompt, restored);
    JobApi& jobs = (*connection)->jobs();
    if (dry_run_) return ForeseePictures(jobs, connect_.server, request, generate_.json);
    return GeneratePictures(jobs, connect_.server, request, generate_, interrupt.token());
  }

 private:
  GenerateOptions generate_;
  std::string from_;
  bool dry_run_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewGenerateCommand() { return std::make_unique<GenerateCommand>(); }

}  // namespace darkroom::cli
