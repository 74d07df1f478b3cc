#ifndef DARKROOM_COMMON_TRACE_TRACER_H_
#define DARKROOM_COMMON_TRACE_TRACER_H_

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/trace/span.h"
#include "common/trace/trace_context.h"

namespace darkroom::trace {

// Begins traces and spans. Who is called with a trace goes on with it, and with its caller's word
// on whether it is recorded; without one, a new trace begins, and its id decides. A value type;
// thread-safe.
class Tracer {
 public:
  // Records nothing; traces are passed on, and begun so that logs can name them.
  Tracer() = default;
  // `sink` and `clock` outlive it. Of new traces this `ratio`, 0 to 1, is recorded. Null: as above.
  explicit Tracer(SpanSink* sink, double ratio, const Clock& clock = Clock::System())
      : sink_(sink), ratio_(ratio), clock_(&clock) {}

  // A span that begins now. Its context is what is passed on: where nothing is recorded, that of
  // whoever is above, so that no one looks for a span that there is not.
  Span Start(absl::string_view name, SpanKind kind, const TraceContext& above) const;
  // The span ends now, and is recorded if it is to be.
  void End(Span span) const;

 private:
  SpanSink* sink_ = nullptr;
  double ratio_ = 0;
  const Clock* clock_ = &Clock::System();
};

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_TRACER_H_
