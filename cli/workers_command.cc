#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/admin_text.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/fleet_text.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class WorkersCommand final : public Command {
 public:
  CommandText text() const override {
    return {"workers", "ACTION [WORKER]", "List, pause, resume and drain workers",
            "Shows the workers of a server and steers them; your key needs the scope admin.\n"
            "ACTION is one of list, pause, resume and drain; all but list take a WORKER as list\n"
            "shows it. A paused worker finishes what it has and takes no more. One that drains\n"
            "does the same, hands back what it cannot finish, and ends. It knows in two seconds.",
            "  darkroom workers list\n"
            "  darkroom workers pause gpu-1\n"
            "  darkroom workers resume gpu-1\n"
            "  darkroom workers drain workers/gpu-1\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const std::string& action = arguments[0];
    const bool steers = action == "pause" || action == "resume" || action == "drain";
    if (!steers && action != "list") {
      return FailUsage(absl::InvalidArgumentError(absl::StrCat(
          "there is no action \"", action, "\"; known are list, pause, resume and drain")));
    }
    if (steers != (arguments.size() == 2)) {
      return FailUsage(absl::InvalidArgumentError(
          absl::StrCat("workers ", action, steers ? " needs a WORKER" : " takes no WORKER")));
    }
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    if (!steers) return List(**connection);
    const std::string name = NameIn("workers", arguments[1]);
    if (action == "pause") return Show((*connection)->PauseWorker(name), "will pause");
    if (action == "resume") return Show((*connection)->ResumeWorker(name), "will go on");
    return Show((*connection)->DrainWorker(name), "will drain and end");
  }

 private:
  ExitCode List(Connection& connection) const {
    const auto listed = connection.ListWorkers();
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*listed));
    } else if (listed->workers().empty()) {
      PrintNote("no worker is there; `darkroom-worker` starts one");
    } else {
      PrintResult(WorkersText(listed->workers(), absl::Now()));
    }
    return ExitCode::kDone;
  }

  ExitCode Show(const absl::StatusOr<v1::Worker>& worker, absl::string_view what) const {
    if (!worker.ok()) return Fail(worker.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*worker));
    } else {
      PrintNote(absl::StrCat(worker->name(), " ", what));
    }
    return ExitCode::kDone;
  }

  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewWorkersCommand() { return std::make_unique<WorkersCommand>(); }

}  // namespace darkroom::cli
