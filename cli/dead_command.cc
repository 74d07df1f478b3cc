#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/admin_text.h"
#include "cli/all_pages.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

class DeadCommand final : public Command {
 public:
  CommandText text() const override {
    return {"dead", "ACTION [JOB]", "List jobs that were given up, and queue them again",
            "Shows the jobs of all tenants that have cost two workers, and queues one of them\n"
            "once more as a new job of its tenant; your key needs the scope admin. ACTION is\n"
            "list or requeue; the latter takes a JOB as list shows it, and prints the new one.",
            "  darkroom dead list\n"
            "  darkroom dead requeue 0123456789abcdef0123456789abcdef\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const std::string& action = arguments[0];
    if (action != "list" && action != "requeue") {
      return FailUsage(absl::InvalidArgumentError(
          absl::StrCat("there is no action \"", action, "\"; known are list and requeue")));
    }
    if ((action == "requeue") != (arguments.size() == 2)) {
      return FailUsage(absl::InvalidArgumentError(action == "list" ? "dead list takes no JOB"
                                                                   : "dead requeue needs a JOB"));
    }
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    return action == "list" ? List(**connection) : Requeue(**connection, arguments[1]);
  }

 private:
  ExitCode List(Connection& connection) const {
    const auto listed = AllPages<v1::ListDeadLettersResponse>(
        v1::ListDeadLettersRequest(),
        [&](const auto& page) { return connection.ListDeadLetters(page); });
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*listed));
    } else if (listed->dead_letters().empty()) {
      PrintNote("no job was given up lately");
    } else {
      PrintResult(DeadLettersText(*listed));
    }
    return ExitCode::kDone;
  }

  ExitCode Requeue(Connection& connection, const std::string& job) const {
    v1::RequeueDeadLetterRequest request;
    request.set_name(NameIn("deadLetters", job));
    const auto requeued = connection.RequeueDeadLetter(request);
    if (!requeued.ok()) return Fail(requeued.status(), connect_.server);
    PrintResult(json_ ? ToJson(*requeued) : requeued->job());
    return ExitCode::kDone;
  }

  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewDeadCommand() { return std::make_unique<DeadCommand>(); }

}  // namespace darkroom::cli
