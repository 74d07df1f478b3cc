#include "common/trace/span_exporter.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log.h"
#include "common/metrics/names.h"
#include "common/mutex.h"

namespace darkroom::trace {
namespace {

constexpr absl::Duration kLongestPause = absl::Seconds(30);
constexpr absl::Duration kToEnd = absl::Seconds(1);  // once its connection has been broken off
constexpr char kQueueFull[] = "queue_full";
constexpr char kRefused[] = "refused";
constexpr char kUnreachable[] = "unreachable";

bool IsTaken(int status) { return status >= 200 && status < 300; }

// Those of the OTLP specification.
bool IsForLater(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

// What no mutex guards is its thread's.
class SpanExporter::Engine {
 public:
  explicit Engine(Options options) : options_(std::move(options)), poster_(options_.endpoint) {
    if (options_.metrics == nullptr) return;
    options_.metrics->Add(metrics::kExportedSpans, 0);  // whose first rise is to be seen
    for (const char* reason : {kQueueFull, kRefused, kUnreachable}) {
      options_.metrics->Add(metrics::kDroppedSpans, 0, reason);
    }
  }

  void Take(Span span);
  void Run();
  // Has Run return; false when it has not in time, after which it touches nothing but itself.
  bool Stop();

 private:
  // Waits for spans; empty when there will be none.
  std::vector<Span> NextBatch();
  // Until there are some and it is time to send them; true once it is to end.
  bool AwaitSpans();
  std::vector<Span> TakeSome();
  void NoteQueued(bool enough);
  void Send(const std::vector<Span>& batch);
  // Waits before another try; false when there is to be none.
  bool Pause(absl::Duration pause);
  absl::Duration Patience();
  void NoteExported(std::size_t spans);
  void NoteFailed(std::size_t spans, const char* reason, const std::string& why);
  void CountDropped(std::size_t spans, const char* reason);
  bool stopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stop_by_ != absl::InfiniteFuture();
  }

  const Options options_;
  HttpPoster poster_;
  bool failing_ = false;

  Mutex queue_mutex_;  // apart, so that most spans wake no thread
  std::vector<Span> queue_ ABSL_GUARDED_BY(queue_mutex_);

  Mutex mutex_;
  bool some_ ABSL_GUARDED_BY(mutex_) = false;    // the queue was empty and is not,
  bool enough_ ABSL_GUARDED_BY(mutex_) = false;  // and has a batch
  absl::Time stop_by_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();  // then: it is to end
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
};

void SpanExporter::Engine::Take(Span span) {
  std::size_t queued = 0;
  {
    MutexLock lock(&queue_mutex_);
    if (queue_.size() < options_.max_queued) {
      queue_.push_back(std::move(span));
      queued = queue_.size();
    }
  }
  if (queued == 0) return CountDropped(1, kQueueFull);
  const bool enough = queued == options_.max_batch;
  if (queued == 1 || enough) NoteQueued(enough);
}

void SpanExporter::Engine::Run() {
  for (std::vector<Span> batch = NextBatch(); !batch.empty(); batch = NextBatch()) Send(batch);
  MutexLock lock(&mutex_);
  ended_ = true;
}

bool SpanExporter::Engine::Stop() {
  MutexLock lock(&mutex_);
  stop_by_ = absl::Now() + options_.farewell;
  const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_; };
  if (mutex_.AwaitWithTimeout(ended, options_.farewell)) return true;
  poster_.Cancel();
  abandoned_ = !mutex_.AwaitWithTimeout(ended, kToEnd);
  return !abandoned_;
}

std::vector<Span> SpanExporter::Engine::NextBatch() {
  while (true) {
    const bool last = AwaitSpans();
    std::vector<Span> batch = TakeSome();
    if (!batch.empty() || last) return batch;
  }
}

bool SpanExporter::Engine::AwaitSpans() {
  MutexLock lock(&mutex_);
  mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return some_ || stopping(); });
  mutex_.AwaitWithTimeout(
      [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return enough_ || stopping(); },
      options_.interval);
  some_ = enough_ = false;
  return stopping();
}

std::vector<Span> SpanExporter::Engine::TakeSome() {
  std::vector<Span> batch;
  std::size_t left = 0;
  {
    MutexLock lock(&queue_mutex_);
    const auto end =
        queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.max_batch));
    batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    left = queue_.size();
  }
  if (left > 0) NoteQueued(left >= options_.max_batch);
  return batch;
}

void SpanExporter::Engine::NoteQueued(bool enough) {
  MutexLock lock(&mutex_);
  some_ = true;
  enough_ = enough_ || enough;
}

absl::Duration SpanExporter::Engine::Patience() {
  MutexLock lock(&mutex_);
  return std::clamp(stop_by_ - absl::Now(), absl::ZeroDuration(), options_.patience);
}

bool SpanExporter::Engine::Pause(absl::Duration pause) {
  MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(
      [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping(); }, pause);
}

void SpanExporter::Engine::Send(const std::vector<Span>& batch) {
  const std::string body = OtlpJson(options_.resource, batch);
  absl::Duration pause = options_.first_pause;
  for (int tries = 1;; ++tries) {
    const absl::StatusOr<int> answer = poster_.Post(body, Patience());
    if (answer.ok() && IsTaken(*answer)) return NoteExported(batch.size());
    const std::string why =
        answer.ok() ? absl::StrCat("status ", *answer) : std::string(answer.status().message());
    if (answer.ok() && !IsForLater(*answer)) return NoteFailed(batch.size(), kRefused, why);
    if (tries == kTries || !Pause(pause)) return NoteFailed(batch.size(), kUnreachable, why);
    pause = std::min(pause * 2, kLongestPause);
  }
}

void SpanExporter::Engine::NoteExported(std::size_t spans) {
  MutexLock lock(&mutex_);
  if (abandoned_) return;
  if (options_.metrics != nullptr) {
    options_.metrics->Add(metrics::kExportedSpans, static_cast<double>(spans));
  }
  if (std::exchange(failing_, false)) log::Info("spans are exported again");
}

void SpanExporter::Engine::NoteFailed(std::size_t spans, const char* reason,
                                      const std::string& why) {
  MutexLock lock(&mutex_);
  if (abandoned_) return;
  CountDropped(spans, reason);
  if (std::exchange(failing_, true)) return;
  log::Warning("spans could not be exported; jobs go on without",
               {{"collector", absl::StrCat(options_.endpoint.host, ":", options_.endpoint.port)},
                {"why", why}});
}

void SpanExporter::Engine::CountDropped(std::size_t spans, const char* reason) {
  if (options_.metrics == nullptr) return;
  options_.metrics->Add(metrics::kDroppedSpans, static_cast<double>(spans), reason);
}

SpanExporter::SpanExporter(Options options)
    : engine_(std::make_shared<Engine>(std::move(options))),
      thread_([engine = engine_] { engine->Run(); }) {}

SpanExporter::~SpanExporter() {
  if (engine_->Stop()) {
    thread_.join();
  } else {
    thread_.detach();  // it waits for the system to look a name up, which nobody can break off
  }
}

void SpanExporter::Take(Span span) { engine_->Take(std::move(span)); }

}  // namespace darkroom::trace
