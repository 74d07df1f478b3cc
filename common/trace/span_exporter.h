#ifndef DARKROOM_COMMON_TRACE_SPAN_EXPORTER_H_
#define DARKROOM_COMMON_TRACE_SPAN_EXPORTER_H_

#include <cstddef>
#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "common/metrics/registry.h"
#include "common/trace/http_poster.h"
#include "common/trace/otlp_json.h"
#include "common/trace/span.h"

namespace darkroom::trace {

// Sends spans to a collector by OTLP over HTTP, some together, on a thread of its own. What it gets
// while its queue is full it drops and counts: whoever makes spans never waits. A batch that the
// collector does not answer, or asks to send later (429, 502, 503, 504), is sent again after a
// pause that doubles, kTries times in all; one that it refuses is dropped. Thread-safe.
class SpanExporter final : public SpanSink {
 public:
  static constexpr int kTries = 5;
  struct Options {
    HttpEndpoint endpoint = {};
    Resource resource = {};
    metrics::Registry* metrics = nullptr;  // has spans counted in it; null: nowhere
    std::size_t max_queued = 8192;
    std::size_t max_batch = 512;
    absl::Duration interval = absl::Seconds(1);  // that a span waits for others
    absl::Duration patience = absl::Seconds(5);  // for one answer
    absl::Duration first_pause = absl::Seconds(1);
    absl::Duration farewell = absl::Seconds(3);  // for what is left, at the end
  };

  // The registry outlives it.
  explicit SpanExporter(Options options);
  // Sends what is left, each batch once, for `farewell`; then drops it.
  ~SpanExporter() override;
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  void Take(Span span) override;

 private:
  class Engine;
  const std::shared_ptr<Engine> engine_;  // its thread may outlast the exporter
  std::thread thread_;
};

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_SPAN_EXPORTER_H_
