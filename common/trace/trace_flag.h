#ifndef DARKROOM_COMMON_TRACE_TRACE_FLAG_H_
#define DARKROOM_COMMON_TRACE_TRACE_FLAG_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/metrics/registry.h"
#include "common/trace/span_exporter.h"

namespace darkroom::trace {

// INVALID_ARGUMENT when --trace_endpoint is no endpoint, naming the flag.
absl::Status CheckTraceFlag();

// Exports spans to where --trace_endpoint says; null when it is empty, or is no endpoint. `service`
// is what the spans' resource calls the program, "darkroom-gateway", and `instance` this process;
// empty: made of the host's name, the process number and chance. The registry outlives it; null:
// spans are not counted.
std::unique_ptr<SpanExporter> ExporterFromFlag(absl::string_view service, std::string instance,
                                               metrics::Registry* registry);

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_TRACE_FLAG_H_
