#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/generate_options.h"
#include "cli/generation.h"
#include "cli/interrupt.h"

namespace darkroom::cli {
namespace {

class GenerateCommand final : public Command {
 public:
  CommandText text() const override {
    return {"generate", "PROMPT", "Make a picture from a text",
            "Makes a picture, shows its progress, and writes it into a PNG file that holds its\n"
            "parameters. Prints the path. Ctrl-C cancels the job. A lost connection is taken up\n"
            "again.",
            "  darkroom generate \"a red apple on a blue background\"\n"
            "  darkroom generate \"a green star\" --seed 7 --steps 30 --sampler \"DPM++ 2M\"\n"
            "  darkroom generate \"a cat\" --count 4 --out pictures/ --json\n"
            "  darkroom generate \"a boat\" --out boat.png --timeout 2m\n"};
  }

  void Declare(OptionParser& options) override {
    generate_.Declare(options);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const Interrupt interrupt;
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    return GeneratePictures((*connection)->jobs(), connect_.server, arguments[0], generate_,
                            interrupt.token());
  }

 private:
  GenerateOptions generate_;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewGenerateCommand() { return std::make_unique<GenerateCommand>(); }

}  // namespace darkroom::cli
