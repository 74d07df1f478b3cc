#include "scheduler/core/fleet.h"

#include "absl/strings/str_cat.h"
#include "common/ids.h"

namespace darkroom::scheduler {

absl::Status CheckWorkerId(absl::string_view worker) {
  if (IsCatalogueId(worker)) return absl::OkStatus();
  return absl::InvalidArgumentError("the worker is not a name of [a-z0-9._-]{1,64}");
}

absl::Status CheckWorkerReport(const WorkerReport& report) {
  if (report.record.size() > kMaxWorkerRecordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the worker's record has more than ", kMaxWorkerRecordBytes, " bytes"));
  }
  return CheckWorkerId(report.worker);
}

absl::Status NoSuchWorker() { return absl::NotFoundError("no such worker"); }
absl::Status TooManyWorkers() {
  return absl::ResourceExhaustedError("the pool has too many workers");
}

absl::string_view WishName(WorkerWish wish) {
  switch (wish) {
    case WorkerWish::kServe:
      return "serve";
    case WorkerWish::kPause:
      return "pause";
    case WorkerWish::kDrain:
      return "drain";
  }
  return "";
}

absl::StatusOr<WorkerWish> ParseWish(absl::string_view name) {
  for (const WorkerWish wish : {WorkerWish::kServe, WorkerWish::kPause, WorkerWish::kDrain}) {
    if (name == WishName(wish)) return wish;
  }
  return absl::DataLossError(absl::StrCat("no such wish: \"", name, "\""));
}

}  // namespace darkroom::scheduler
