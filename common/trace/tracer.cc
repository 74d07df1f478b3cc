#include "common/trace/tracer.h"

#include <utility>

#include "common/ids.h"

namespace darkroom::trace {

Span Tracer::Start(absl::string_view name, SpanKind kind, const TraceContext& above) const {
  Span span = {.context = above, .name = name, .kind = kind, .start = clock_->Now()};
  if (!above.valid()) {
    span.context.trace_id = RandomId();
    span.context.span_id = NewSpanId();
    span.context.sampled = sink_ != nullptr && IsAmong(ratio_, span.context.trace_id);
  } else if (sink_ != nullptr && above.sampled) {
    span.parent = above.span_id;
    span.context.span_id = NewSpanId();
  }
  return span;
}

void Tracer::End(Span span) const {
  if (sink_ == nullptr || !span.context.sampled) return;
  span.end = clock_->Now();
  sink_->Take(std::move(span));
}

}  // namespace darkroom::trace
