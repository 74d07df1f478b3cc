#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/load/load_plan.h"
#include "cli/load/load_report.h"
#include "cli/load/load_run.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr double kMostRate = 10'000;  // jobs a second
constexpr int kMostOpen = 10'000;     // streams, a thread each
constexpr double kMostJobs = 1e6;

class LoadCommand final : public Command {
 public:
  CommandText text() const override {
    return {"load", "", "Ask for many pictures, and measure how long they take",
            "Asks for pictures at moments that do not depend on how the others fare, on average\n"
            "--rate a second (a Poisson process), of some kinds of jobs and in the name of some\n"
            "tenants. Prints a table of waits and times, counted from the moment at which a\n"
            "picture was due, and a plot of them over the run. Pictures are not kept.\n"
            "A KIND is a weight and options of `darkroom generate` without their dashes, with _\n"
            "for blanks in the prompt: \"3 steps=20 width=512 height=512 prompt=a_red_apple\".",
            "  darkroom load --rate 2 --duration 60s\n"
            "  darkroom load --rate 5 --kind \"3 steps=8\" --kind \"1 steps=30 count=4\" \\\n"
            "    --tenant_key alice.key --tenant_key bob.key --json > results.jsonl\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"rate", "R", "pictures asked for a second, on average (default: 1)", ""}, &rate_);
    options.Add(
        {"duration", "TIME", "how long to ask (default: 1m); then their ends are awaited", ""},
        &plan_.duration);
    options.Add({"kind", "KIND", "a kind of job; may be repeated (default: the model's own)", ""},
                &kinds_);
    options.Add(
        {"tenant_key", "FILE", "a tenant's API key; may be repeated (default: --key_file)", ""},
        &key_files_);
    options.Add({"seed", "N", "of the moments, tenants and kinds (default: 1)", ""}, &seed_);
    options.Add({"max_open", "N", "jobs followed at once; more are not sent (default: 500)", ""},
                &max_open_);
    options.Add({"json", "", "print every result as a line of JSON instead", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& /*arguments*/) override {
    const Interrupt interrupt;
    if (const absl::Status usable = Complete(); !usable.ok()) return FailUsage(usable);
    absl::StatusOr<std::vector<LoadTenant>> tenants = Tenants();
    if (!tenants.ok()) return FailUsage(tenants.status());
    plan_.tenants = static_cast<int>(tenants->size());
    const absl::Time start = absl::Now();
    const std::vector<LoadResult> results =
        RunLoad(plan_, *tenants, static_cast<int>(max_open_), interrupt.token());
    const absl::Duration elapsed = absl::Now() - start;
    if (json_) {
      PrintResult(ToJsonLines(results));
    } else {
      PrintResult(LatencyTable(results, elapsed));
      PrintResult(LatencyPlot(results, plan_.duration));
    }
    return interrupt.requested() ? ExitCode::kInterrupted : ExitCode::kDone;
  }

 private:
  absl::Status Complete() {
    plan_.rate = rate_.value_or(1);
    if (!(plan_.rate > 0 && plan_.rate <= kMostRate)) {
      return absl::InvalidArgumentError(absl::StrCat("--rate is above 0 and at most ", kMostRate));
    }
    if (plan_.rate * absl::ToDoubleSeconds(plan_.duration) > kMostJobs) {
      return absl::InvalidArgumentError(
          "--rate times --duration is more than a million pictures; lower one");
    }
    if (max_open_ < 1 || max_open_ > kMostOpen) {
      return absl::InvalidArgumentError(absl::StrCat("--max_open is from 1 to ", kMostOpen));
    }
    plan_.seed = static_cast<std::uint64_t>(seed_);
    if (kinds_.empty()) kinds_.emplace_back();
    for (const std::string& text : kinds_) {
      absl::StatusOr<JobKind> kind = ParseJobKind(text);
      if (!kind.ok()) {
        return absl::InvalidArgumentError(absl::StrCat("--kind: ", kind.status().message()));
      }
      plan_.kinds.push_back(*std::move(kind));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<LoadTenant>> Tenants() const {
    std::vector<LoadTenant> tenants;
    if (key_files_.empty()) {
      DARKROOM_ASSIGN_OR_RETURN(auto connection, Connection::Open(connect_));
      tenants.push_back({"", std::move(connection)});
    }
    for (const std::string& file : key_files_) {
      ConnectionOptions options = connect_;
      options.key_file = file;
      DARKROOM_ASSIGN_OR_RETURN(auto connection, Connection::Open(options));
      tenants.push_back({std::filesystem::path(file).filename().string(), std::move(connection)});
    }
    return tenants;
  }

  std::optional<double> rate_;
  LoadPlan plan_;
  std::vector<std::string> kinds_;
  std::vector<std::string> key_files_;
  std::int64_t seed_ = 1;
  std::int64_t max_open_ = 500;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewLoadCommand() { return std::make_unique<LoadCommand>(); }

}  // namespace darkroom::cli
