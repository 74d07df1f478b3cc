#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kListedPromptBytes = 48;

std::vector<std::string> Row(const v1::Job& job) {
  const absl::Time created = absl::FromUnixSeconds(job.create_time().seconds());
  const v1::ImageParameters& parameters = job.parameters();
  return {job.name(), StateText(job.state()),
          absl::FormatTime("%m-%d %H:%M:%S", created, absl::LocalTimeZone()),
          parameters.has_upscale() ? "" : absl::StrCat(parameters.seed()),
          parameters.has_upscale() ? "(made larger)"
                                   : Shortened(parameters.prompt(), kListedPromptBytes)};
}

class ListCommand final : public Command {
 public:
  CommandText text() const override {
    return {"list", "", "List your jobs, newest first", "Lists your jobs, newest first.",
            "  darkroom list\n"
            "  darkroom list --page_size 100 --all --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"page_size", "N", "jobs to list, or to fetch at a time; 1 to 100, default 20", ""},
                &page_size_);
    options.Add({"all", "", "every page, not only the first", ""}, &all_);
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ListJobsRequest request;
    request.set_page_size(static_cast<std::int32_t>(page_size_));
    v1::ListJobsResponse listed;
    do {
      const auto page = (*connection)->jobs().List(request);
      if (!page.ok()) return Fail(page.status(), connect_.server);
      listed.MergeFrom(*page);
      listed.set_next_page_token(page->next_page_token());
      request.set_page_token(page->next_page_token());
    } while (all_ && !request.page_token().empty());
    Print(listed);
    return ExitCode::kDone;
  }

 private:
  void Print(const v1::ListJobsResponse& listed) const {
    if (json_) return PrintResult(ToJson(listed));
    if (listed.jobs().empty()) return PrintNote("no jobs");
    std::vector<std::vector<std::string>> rows = {{"JOB", "STATE", "CREATED", "SEED", "PROMPT"}};
    for (const v1::Job& job : listed.jobs()) rows.push_back(Row(job));
    PrintResult(TableText(rows));
    if (!listed.next_page_token().empty()) PrintNote("there are more: --all");
  }

  std::int64_t page_size_ = 20;
  bool all_ = false;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewListCommand() { return std::make_unique<ListCommand>(); }

}  // namespace darkroom::cli
