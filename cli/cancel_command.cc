#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class CancelCommand final : public Command {
 public:
  CommandText text() const override {
    return {"cancel", "JOB", "Cancel a job",
            "Cancels a job: at once when it is queued, at its next step when it runs. Prints its\n"
            "state. Cancelling a job that has ended changes nothing.",
            "  darkroom cancel jobs/0123456789abcdef0123456789abcdef\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print the job as JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    const absl::StatusOr<v1::Job> job = (*connection)->jobs().Cancel(JobName(arguments[0]));
    if (!job.ok()) return Fail(job.status(), connect_.server);
    PrintResult(json_ ? ToJson(*job) : StateText(job->state()));
    if (job->state() == v1::JOB_STATE_RUNNING) PrintNote("it stops at its next step");
    return ExitCode::kDone;
  }

 private:
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewCancelCommand() { return std::make_unique<CancelCommand>(); }

}  // namespace darkroom::cli
