#include "worker/worker_traces.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::worker {
namespace {

using trace::Attribute;
using trace::Span;
using trace::SpanKind;

class TracingObserver : public WorkObserver {
 public:
  TracingObserver(std::unique_ptr<WorkObserver> inner, trace::SpanSink& sink, const Clock& clock)
      : inner_(std::move(inner)), sink_(sink), clock_(clock) {}

  void NoteFirstLease(const JobLabels& job, absl::Duration waited) override {
    inner_->NoteFirstLease(job, waited);
    if (!job.trace.sampled) return;
    Span span = Ended("queue", job, waited);
    span.kind = SpanKind::kConsumer;
    Add(span, "darkroom.tier", job.tier);
    Add(span, "darkroom.model", job.model);
    sink_.Take(std::move(span));
  }

  void NoteBeginning(const JobLabels& job, const Beginning& beginning) override {
    inner_->NoteBeginning(job, beginning);
    if (!job.trace.sampled) return;
    Span span = Ended("encode", job, beginning.elapsed);
    Add(span, "darkroom.steps_done", beginning.steps_done);
    sink_.Take(std::move(span));
  }

  void NoteForward(const Forward& forward) override {
    inner_->NoteForward(forward);
    for (const Share& share : forward.shares) {
      if (!share.job->trace.sampled || share.number > kMostBatchSpans) continue;
      Span span = Ended("batch", *share.job, forward.elapsed);
      Add(span, "darkroom.batch.number", share.number);
      Add(span, "darkroom.images", share.images);
      Add(span, "darkroom.rows", share.rows);
      Add(span, "darkroom.steps", share.steps);
      Add(span, "darkroom.batch.jobs", static_cast<std::int64_t>(forward.shares.size()));
      Add(span, "darkroom.batch.images", forward.images);
      Add(span, "darkroom.batch.rows", forward.rows);
      Add(span, "darkroom.batch.room", forward.room);
      sink_.Take(std::move(span));
    }
  }

  void NotePicture(const JobLabels& job, const Picture& picture) override {
    inner_->NotePicture(job, picture);
    if (!job.trace.sampled) return;
    Span span = Ended("decode", job, picture.decode + picture.encode);
    Add(span, "darkroom.image", picture.image);
    Add(span, "darkroom.png_bytes", static_cast<std::int64_t>(picture.bytes));
    sink_.Take(std::move(span));
  }

  void NoteStored(const JobLabels& job, int image, absl::Duration elapsed) override {
    inner_->NoteStored(job, image, elapsed);
    if (!job.trace.sampled) return;
    Span span = Ended("store", job, elapsed);
    Add(span, "darkroom.image", image);
    sink_.Take(std::move(span));
  }

  void NoteEnd(const JobLabels& job, const scheduler::JobOutcome& outcome, absl::Duration age,
               absl::Duration elapsed) override {
    inner_->NoteEnd(job, outcome, age, elapsed);
    if (!job.trace.sampled) return;
    const auto* failed = std::get_if<scheduler::Failed>(&outcome);
    Finish(job, scheduler::OutcomeName(outcome), elapsed,
           failed == nullptr ? "" : failed->failure.reason);
  }

  void NoteParting(const JobLabels& job, Parting parting) override {
    inner_->NoteParting(job, parting);
    if (!job.trace.sampled) return;
    const bool lost = parting == Parting::kLost;
    Finish(job, lost ? "lost" : "released", absl::ZeroDuration(), lost ? "LEASE_LOST" : "");
  }

 private:
  // What has taken so long, until now.
  Span Ended(absl::string_view name, const JobLabels& job, absl::Duration elapsed) const {
    Span span = {.context = job.trace, .parent = job.trace.span_id, .name = name};
    span.context.span_id = trace::NewSpanId();
    span.end = clock_.Now();
    span.start = span.end - elapsed;
    Add(span, "darkroom.job", job.id);
    Add(span, "darkroom.lease", job.fence);
    return span;
  }
  static void Add(Span& span, absl::string_view key, const std::string& value) {
    span.attributes.push_back({key, value});
  }
  static void Add(Span& span, absl::string_view key, std::int64_t value) {
    span.attributes.push_back({key, value});
  }
  void Finish(const JobLabels& job, const std::string& outcome, absl::Duration elapsed,
              std::string error) {
    Span span = Ended("finish", job, elapsed);
    Add(span, "darkroom.outcome", outcome);
    span.error = std::move(error);
    sink_.Take(std::move(span));
  }

  const std::unique_ptr<WorkObserver> inner_;
  trace::SpanSink& sink_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<WorkObserver> Traced(std::unique_ptr<WorkObserver> inner, trace::SpanSink& sink,
                                     const Clock& clock) {
  return std::make_unique<TracingObserver>(std::move(inner), sink, clock);
}

}  // namespace darkroom::worker
