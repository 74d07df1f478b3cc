#ifndef DARKROOM_COMMON_TRACE_OTLP_JSON_H_
#define DARKROOM_COMMON_TRACE_OTLP_JSON_H_

#include <string>

#include "absl/types/span.h"
#include "common/trace/span.h"

namespace darkroom::trace {

// Whose spans they are.
struct Resource {
  std::string service = {};   // "darkroom-gateway"
  std::string instance = {};  // unlike that of every other process of the service
  std::string version = {};
};

// The body of a POST to /v1/traces, as OTLP 1 has it in JSON: an ExportTraceServiceRequest, ids in
// hexadecimal and 64-bit numbers as strings (https://opentelemetry.io/docs/specs/otlp/). Pure.
std::string OtlpJson(const Resource& resource, absl::Span<const Span> spans);

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_OTLP_JSON_H_
