#include "server/core/worker_view.h"

#include <utility>

#include "darkroom/internal/v1/worker_record.pb.h"
#include "scheduler/core/record_version.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

darkroom::v1::WorkerState StateOf(scheduler::WorkerWish wish) {
  switch (wish) {
    case scheduler::WorkerWish::kServe:
      return darkroom::v1::WORKER_STATE_SERVING;
    case scheduler::WorkerWish::kPause:
      return darkroom::v1::WORKER_STATE_PAUSED;
    case scheduler::WorkerWish::kDrain:
      return darkroom::v1::WORKER_STATE_DRAINING;
  }
  return darkroom::v1::WORKER_STATE_UNSPECIFIED;
}

}  // namespace

darkroom::internal::v1::WorkerRecord ReadWorkerRecord(const scheduler::WorkerEntry& entry) {
  darkroom::internal::v1::WorkerRecord record;
  if (!record.ParseFromString(entry.record) ||
      !scheduler::IsReadable(record.version(), scheduler::kWorkerRecordVersion)) {
    record.Clear();
  }
  return record;
}

darkroom::v1::Worker ViewWorker(const scheduler::WorkerEntry& entry) {
  darkroom::internal::v1::WorkerRecord record = ReadWorkerRecord(entry);
  darkroom::v1::Worker worker = std::move(*record.mutable_worker());
  worker.set_name(WorkerName(entry.id));
  worker.set_requested_state(StateOf(entry.wish));
  *worker.mutable_report_time() = ToTimestamp(entry.reported);
  return worker;
}

}  // namespace darkroom::server
