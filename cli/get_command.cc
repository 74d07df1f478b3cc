#include <memory>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/job_follower.h"
#include "cli/job_stream.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class GetCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "get", "JOB", "Fetch the pictures of a job, or show its state",
        "Writes the pictures of a job that succeeded into files and prints their paths. Of any\n"
        "other job it prints the state.",
        "  darkroom get jobs/0123456789abcdef0123456789abcdef --out pictures/\n"
        "  darkroom get 0123456789abcdef0123456789abcdef --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"out", "PATH", "a folder, or a file ending in .png; never overwrites", ""}, &out_);
    options.Add({"json", "", "print the job and its files as JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const Interrupt interrupt;
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    JobApi& api = (*connection)->jobs();
    const absl::StatusOr<v1::Job> job = api.Get(JobName(arguments[0]));
    if (!job.ok()) return Fail(job.status(), connect_.server);
    if (job->state() == v1::JOB_STATE_SUCCEEDED) return Fetch(api, *job, interrupt);
    PrintResult(json_ ? JobJson(*job, {}) : JobText(*job));
    return ExitCodeOf(*job);
  }

 private:
  ExitCode Fetch(JobApi& api, const v1::Job& job, const Interrupt& interrupt) {
    const PictureWriter writer(out_);
    if (absl::Status writable = writer.Prepare(); !writable.ok()) return FailLocally(writable);
    JobFollower follower;
    JobStream stream(api, follower.Resuming(), interrupt.token());
    v1::WatchJobRequest request;
    request.set_name(job.name());
    absl::Status status =
        stream.Watch(request, [&](const v1::JobEvent& event) { return follower.Handle(event); });
    follower.Clear();
    if (interrupt.requested() && !status.ok()) return ExitCode::kInterrupted;
    if (status.ok()) status = follower.CheckComplete();
    if (!status.ok()) return Fail(status, connect_.server);
    const absl::StatusOr<std::vector<std::string>> files = follower.Save(writer);
    if (!files.ok()) return FailLocally(files.status());
    if (json_) {
      PrintResult(JobJson(job, *files));
    } else {
      for (const std::string& file : *files) PrintResult(file);
    }
    return ExitCode::kDone;
  }

  std::string out_;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewGetCommand() { return std::make_unique<GetCommand>(); }

}  // namespace darkroom::cli
