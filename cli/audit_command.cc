#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/admin_text.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr std::int64_t kMostOnAPage = 100;

class AuditCommand final : public Command {
 public:
  CommandText text() const override {
    return {"audit", "", "Show what administrators have done",
            "Lists who made, rotated and revoked keys, queued jobs again, and paused or drained\n"
            "workers, the newest first; your key needs the scope admin. The newest 10,000 entries\n"
            "are kept.",
            "  darkroom audit\n  darkroom audit --last 1000 --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"last", "N", "how many; default 20", ""}, &last_);
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    if (last_ < 1) return FailUsage(absl::InvalidArgumentError("--last must be at least 1"));
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ListAuditEntriesResponse all;
    v1::ListAuditEntriesRequest request;
    do {
      request.set_page_size(
          static_cast<std::int32_t>(std::min(last_ - all.audit_entries_size(), kMostOnAPage)));
      const auto page = (*connection)->ListAuditEntries(request);
      if (!page.ok()) return Fail(page.status(), connect_.server);
      all.MergeFrom(*page);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && all.audit_entries_size() < last_);
    all.clear_next_page_token();
    if (json_) {
      PrintResult(ToJson(all));
    } else if (all.audit_entries().empty()) {
      PrintNote("nothing was done yet");
    } else {
      PrintResult(AuditText(all));
    }
    return ExitCode::kDone;
  }

 private:
  std::int64_t last_ = 20;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewAuditCommand() { return std::make_unique<AuditCommand>(); }

}  // namespace darkroom::cli
