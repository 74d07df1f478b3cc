#include "server/core/event_view.h"

#include <utility>

#include "server/core/job_view.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

darkroom::v1::JobEvent Envelope(const scheduler::JobEvent& event, std::string name) {
  darkroom::v1::JobEvent view;
  view.set_job(std::move(name));
  view.set_sequence(event.sequence);
  *view.mutable_time() = ToTimestamp(event.time);
  return view;
}

}  // namespace

darkroom::v1::JobEvent ViewAccepted(const scheduler::JobEvent& event, darkroom::v1::Job accepted) {
  darkroom::v1::JobEvent view = Envelope(event, accepted.name());
  view.mutable_accepted()->mutable_job()->Swap(&accepted);
  return view;
}

darkroom::v1::JobEvent ViewQueued(const scheduler::JobEvent& event, absl::string_view id,
                                  const scheduler::QueuedEvent& queued,
                                  std::optional<absl::Duration> wait) {
  darkroom::v1::JobEvent view = Envelope(event, JobName(id));
  view.mutable_queued()->set_position(queued.position);
  view.mutable_queued()->set_requeued(queued.requeued);
  if (wait.has_value()) *view.mutable_queued()->mutable_estimated_wait() = ToDuration(*wait);
  return view;
}

darkroom::v1::JobEvent ViewStarted(const scheduler::JobEvent& event, absl::string_view id,
                                   const scheduler::StartedEvent& started) {
  darkroom::v1::JobEvent view = Envelope(event, JobName(id));
  view.mutable_started()->set_attempt(started.attempt);
  return view;
}

darkroom::v1::JobEvent ViewProgress(const scheduler::JobEvent& event, absl::string_view id,
                                    const scheduler::ProgressEvent& progress) {
  darkroom::v1::JobEvent view = Envelope(event, JobName(id));
  view.mutable_progress()->set_step(progress.step);
  view.mutable_progress()->set_steps(progress.steps);
  if (progress.time_left < absl::InfiniteDuration()) {
    *view.mutable_progress()->mutable_time_left() = ToDuration(progress.time_left);
  }
  return view;
}

darkroom::v1::JobEvent ViewPreview(const scheduler::JobEvent& event, absl::string_view id,
                                   const scheduler::PreviewEvent& preview, std::string jpeg) {
  darkroom::v1::JobEvent view = Envelope(event, JobName(id));
  view.mutable_preview()->set_image_index(preview.image);
  view.mutable_preview()->set_step(preview.step);
  view.mutable_preview()->set_mime_type("image/jpeg");
  view.mutable_preview()->set_data(std::move(jpeg));
  return view;
}

darkroom::v1::JobEvent ViewFinished(const scheduler::JobEvent& event, darkroom::v1::Job finished) {
  darkroom::v1::JobEvent view = Envelope(event, finished.name());
  view.mutable_finished()->mutable_job()->Swap(&finished);
  return view;
}

darkroom::v1::JobEvent ViewChunk(const scheduler::JobEvent& event, absl::string_view id,
                                 const darkroom::v1::ImageParameters& parameters, int image,
                                 const StoredImage& stored, std::size_t offset) {
  darkroom::v1::JobEvent view = Envelope(event, JobName(id));
  darkroom::v1::ImageChunk& chunk = *view.mutable_image_chunk();
  chunk.mutable_image()->set_index(image);
  chunk.mutable_image()->set_seed(parameters.seed() + image);
  chunk.mutable_image()->set_width(parameters.width());
  chunk.mutable_image()->set_height(parameters.height());
  chunk.mutable_image()->set_mime_type("image/png");
  chunk.mutable_image()->set_size_bytes(static_cast<std::int64_t>(stored.bytes.size()));
  chunk.mutable_image()->set_sha256(stored.sha256);
  chunk.set_offset(static_cast<std::int64_t>(offset));
  chunk.set_data(stored.bytes.substr(offset, kMaxChunkBytes));
  chunk.set_last(offset + kMaxChunkBytes >= stored.bytes.size());
  return view;
}

}  // namespace darkroom::server
