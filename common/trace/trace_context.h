#ifndef DARKROOM_COMMON_TRACE_TRACE_CONTEXT_H_
#define DARKROOM_COMMON_TRACE_TRACE_CONTEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::trace {

// Where something that happens belongs, as processes tell each other in the header "traceparent" of
// W3C Trace Context (https://www.w3.org/TR/trace-context-1/). A value type.
struct TraceContext {
  std::string trace_id = {};  // 32 lower-case hexadecimal digits, not all 0; empty: no trace
  std::string span_id = {};   // 16 such digits: of the span that what comes next is part of
  bool sampled = false;       // its spans are to be recorded

  bool valid() const { return !trace_id.empty(); }
  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// No trace for what is no traceparent, whatever it is. Of a version that came later, what the first
// one has.
TraceContext ParseTraceparent(absl::string_view header);
// In version 00; empty for no trace.
std::string FormatTraceparent(const TraceContext& context);
// The trace id of a traceparent, in its own bytes; empty for what is none.
absl::string_view TraceIdOf(absl::string_view traceparent);

// Of 64 random bits.
std::string NewSpanId();

// Whether a trace is among the `ratio`, 0 to 1, of all that are recorded. The last 56 bits of its
// id decide, so that all who ask with one ratio get one answer, and a larger ratio has all traces
// of a smaller one (OpenTelemetry, "consistent probability sampling").
bool IsAmong(double ratio, absl::string_view trace_id);

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_TRACE_CONTEXT_H_
