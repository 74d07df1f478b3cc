#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/doctor/doctor.h"

namespace darkroom::cli {
namespace {

class DoctorCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "doctor", "", "Look for what is wrong with this machine and its service",
        "Looks at the settings of gateway, scheduler and worker, their ports, Redis and how it\n"
        "is set up, the GPU and its driver, models, disks and clock, and says of what is wrong\n"
        "what to do about it. Changes nothing; everything may be running or not. Settings are\n"
        "those of --config and of the environment, as the programs themselves read them. Exit\n"
        "status 1 when there is a problem.",
        "  darkroom doctor --config /etc/darkroom/darkroom.toml\n"
        "  DARKROOM_REDIS=10.0.0.2:6379 darkroom doctor --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"config", "FILE", "the file of settings of the processes", "DARKROOM_CONFIG"},
                &config_);
    options.Add({"json", "", "print JSON", ""}, &json_);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    const Findings findings = Examine(config_);
    const int problems = Count(findings, Verdict::kProblem);
    PrintResult(json_ ? FindingsJson(findings) : FindingsText(findings));
    PrintNote(
        absl::StrCat("problems: ", problems, ", warnings: ", Count(findings, Verdict::kWarning)));
    return problems > 0 ? ExitCode::kFailed : ExitCode::kDone;
  }

 private:
  std::string config_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> NewDoctorCommand() { return std::make_unique<DoctorCommand>(); }

}  // namespace darkroom::cli
