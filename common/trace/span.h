#ifndef DARKROOM_COMMON_TRACE_SPAN_H_
#define DARKROOM_COMMON_TRACE_SPAN_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/trace/trace_context.h"

namespace darkroom::trace {

// With the numbers that OTLP has for them.
enum class SpanKind { kInternal = 1, kServer = 2, kProducer = 4, kConsumer = 5 };

// What more is known of a span: names of tiers, models and tenants, ids, counts. Never a prompt, a
// key or a picture.
struct Attribute {
  absl::string_view key;  // lives for ever
  std::variant<std::string, std::int64_t, bool> value;

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// Something that happened between two moments.
struct Span {
  TraceContext context = {};    // its trace, and its own id
  std::string parent = {};      // id of the span that it is part of; empty: it is the first
  absl::string_view name = {};  // lives for ever
  SpanKind kind = SpanKind::kInternal;
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfinitePast();
  std::vector<Attribute> attributes = {};
  std::vector<TraceContext> links = {};  // spans of other traces that it has to do with
  std::string error = {};                // why it failed, UPPER_SNAKE_CASE; empty: it did not
};

// Where spans go that have ended. Thread-safe; never waits, and never fails.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Take(Span span) = 0;
};

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_SPAN_H_
