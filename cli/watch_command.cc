#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/job_follower.h"
#include "cli/job_stream.h"
#include "cli/job_text.h"
#include "cli/rpc_status.h"

namespace darkroom::cli {
namespace {

// One event on one line, without the bytes of pictures.
void PrintEvent(v1::JobEvent event) {
  if (event.has_image_chunk()) event.mutable_image_chunk()->clear_data();
  if (event.has_preview()) event.mutable_preview()->clear_data();
  PrintResult(ToJson(event, /*pretty=*/false));
}

class WatchCommand final : public Command {
 public:
  CommandText text() const override {
    return {"watch", "JOB", "Follow a job until it ends",
            "Shows the progress of a job and prints the state in which it ended; with --json,\n"
            "prints every event as one line of JSON (without the bytes of pictures). Ctrl-C stops\n"
            "watching, the job goes on.",
            "  darkroom watch jobs/0123456789abcdef0123456789abcdef\n"
            "  darkroom watch 0123456789abcdef0123456789abcdef --after 12 --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"after", "N", "begin after the event with this sequence", ""}, &after_);
    options.Add({"json", "", "print every event as a line of JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const Interrupt interrupt;
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    JobFollower follower;
    JobStream stream((*connection)->jobs(), follower.Resuming(), interrupt.token());
    v1::WatchJobRequest request;
    request.set_name(JobName(arguments[0]));
    request.set_after_sequence(after_);
    const absl::Status status = stream.Watch(request, [&](const v1::JobEvent& event) {
      if (json_) PrintEvent(event);
      return follower.Handle(event);
    });
    follower.Clear();
    if (interrupt.requested() && !status.ok()) return ExitCode::kInterrupted;
    if (!status.ok()) return Fail(status, connect_.server);
    if (!json_) PrintResult(StateText(follower.job().state()));
    if (follower.job().has_error()) PrintNote(ErrorText(follower.job().error()));
    return ExitCodeOf(follower.job());
  }

 private:
  std::int64_t after_ = 0;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewWatchCommand() { return std::make_unique<WatchCommand>(); }

}  // namespace darkroom::cli
