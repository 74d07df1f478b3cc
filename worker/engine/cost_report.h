#ifndef DARKROOM_WORKER_ENGINE_COST_REPORT_H_
#define DARKROOM_WORKER_ENGINE_COST_REPORT_H_

#include "darkroom/internal/v1/worker_record.pb.h"
#include "worker/engine/step_meter.h"

namespace darkroom::worker {

// Of all models together, about 20 bytes each: a record is written every second, and gateways read
// those of all workers.
inline constexpr int kMostReportedCosts = 256;

// Adds to what a worker reports what it has measured, by model; of each no more than its share.
void ReportCosts(const StepMeter& meter, internal::v1::WorkerRecord& record);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_COST_REPORT_H_
