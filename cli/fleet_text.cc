#include "cli/fleet_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/job_text.h"
#include "cli/progress_bar.h"

namespace darkroom::cli {
namespace {

absl::Duration Length(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string StateWord(v1::WorkerState state) {
  if (state == v1::WORKER_STATE_UNSPECIFIED) return "unknown";
  return absl::AsciiStrToLower(absl::StripPrefix(v1::WorkerState_Name(state), "WORKER_STATE_"));
}

std::string WorkerStateText(const v1::Worker& worker) {
  std::string state = StateWord(worker.state());
  if (worker.state() == worker.requested_state() || worker.state() == v1::WORKER_STATE_DRAINING) {
    return state;
  }
  return absl::StrCat(state, ", asked: ", StateWord(worker.requested_state()));
}

std::string SizeText(std::int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (std::int64_t{1} << 20);
  return mebibytes < 1024 ? absl::StrFormat("%.0f MiB", mebibytes)
                          : absl::StrFormat("%.1f GiB", mebibytes / 1024);
}

std::string ModelsText(const v1::Worker& worker) {
  std::vector<std::string> models;
  for (const v1::ResidentModel& model : worker.resident_models()) {
    std::string text(absl::StripPrefix(model.model(), "models/"));
    if (model.size_bytes() > 0) absl::StrAppend(&text, " (", SizeText(model.size_bytes()), ")");
    models.push_back(std::move(text));
  }
  return absl::StrJoin(models, ", ");
}

std::string TiersText(const v1::Fleet& fleet) {
  std::vector<std::vector<std::string>> rows = {
      {"TIER", "WEIGHT", "QUEUED", "DEVICE TIME", "OLDEST WAITS"}};
  for (const v1::TierQueue& tier : fleet.tiers()) {
    rows.push_back({tier.tier(), absl::StrCat(tier.weight()), absl::StrCat(tier.queued_jobs()),
                    ClockText(Length(tier.queued_device_time())),
                    tier.has_oldest_wait() ? ClockText(Length(tier.oldest_wait())) : "-"});
  }
  return TableText(rows);
}

// 0.254 is 25%.
std::string PercentText(double share) { return absl::StrFormat("%.0f%%", 100 * share); }

std::string PromisesText(const v1::Fleet& fleet) {
  std::vector<std::vector<std::string>> rows = {
      {"TIER", "JOBS", "FIRST PROMISE OFF BY (P50, P90)", "NEWEST (P50, P90)"}};
  for (const v1::PromiseErrors& errors : fleet.promise_errors()) {
    rows.push_back(
        {errors.tier(), absl::StrCat(errors.jobs()),
         absl::StrCat(PercentText(errors.first_p50()), ", ", PercentText(errors.first_p90())),
         absl::StrCat(PercentText(errors.newest_p50()), ", ", PercentText(errors.newest_p90()))});
  }
  return absl::StrCat("Waits promised, of jobs taken in the last one to two hours:\n",
                      TableText(rows));
}

}  // namespace

std::string WorkersText(const google::protobuf::RepeatedPtrField<v1::Worker>& workers,
                        absl::Time now) {
  std::vector<std::vector<std::string>> rows = {{"WORKER", "STATE", "DEVICE", "JOBS", "IMAGES",
                                                 "DONE", "PER MINUTE", "UP", "VERSION", "HOST",
                                                 "MODELS IN MEMORY"}};
  for (const v1::Worker& worker : workers) {
    const absl::Duration up = now - absl::FromUnixSeconds(worker.start_time().seconds());
    rows.push_back({std::string(absl::StripPrefix(worker.name(), "workers/")),
                    WorkerStateText(worker), worker.device(), absl::StrCat(worker.jobs_size()),
                    absl::StrCat(worker.rows(), "/", worker.row_capacity()),
                    absl::StrCat(worker.pictures_done()),
                    absl::StrCat(worker.pictures_last_minute()),
                    worker.has_start_time() ? ClockText(up) : "-", worker.version(), worker.host(),
                    ModelsText(worker)});
  }
  return TableText(rows);
}

std::string FleetText(const v1::Fleet& fleet, absl::Time now) {
  std::string text =
      absl::StrCat("Workers: ", fleet.workers_size(), ", jobs running: ", fleet.running_jobs(),
                   ", queued: ", fleet.queued_jobs(), ", dead letters: ", fleet.dead_letters(),
                   ", pictures in the last minute: ", fleet.pictures_last_minute(), "\n\n");
  absl::StrAppend(
      &text, fleet.workers().empty() ? "No worker is there." : WorkersText(fleet.workers(), now));
  absl::StrAppend(&text, "\n\n", fleet.tiers().empty() ? "Nothing is queued." : TiersText(fleet));
  if (!fleet.promise_errors().empty()) absl::StrAppend(&text, "\n\n", PromisesText(fleet));
  return text;
}

std::string FitToScreen(absl::string_view text, int columns, int rows) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (static_cast<int>(lines.size()) == rows) break;
    lines.push_back(Shortened(line, static_cast<std::size_t>(std::max(columns, 1))));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace darkroom::cli
