#ifndef DARKROOM_SERVER_CORE_WORKER_VIEW_H_
#define DARKROOM_SERVER_CORE_WORKER_VIEW_H_

#include "darkroom/internal/v1/worker_record.pb.h"
#include "darkroom/v1/worker.pb.h"
#include "scheduler/core/fleet.h"

namespace darkroom::server {

// What the worker has reported; empty when a newer version has written it.
darkroom::internal::v1::WorkerRecord ReadWorkerRecord(const scheduler::WorkerEntry& entry);

// A worker as the API shows it. Of a record that a newer version has written, the name is shown and
// can be asked. Pure.
darkroom::v1::Worker ViewWorker(const scheduler::WorkerEntry& entry);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_WORKER_VIEW_H_
