#ifndef DARKROOM_COMMON_METRICS_PROCESS_SAMPLES_H_
#define DARKROOM_COMMON_METRICS_PROCESS_SAMPLES_H_

#include "common/metrics/samples.h"

namespace darkroom::metrics {

// What this process takes of its machine, under the names that Prometheus' own clients use; as far
// as the system tells. Thread-safe.
void ShowProcess(Samples& samples);

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_PROCESS_SAMPLES_H_
