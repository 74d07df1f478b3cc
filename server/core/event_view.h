#ifndef DARKROOM_SERVER_CORE_EVENT_VIEW_H_
#define DARKROOM_SERVER_CORE_EVENT_VIEW_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"
#include "scheduler/core/job_event.h"
#include "server/core/image_reader.h"

namespace darkroom::server {

// Stored events as the API shows them. Each function returns the event's envelope (job, sequence,
// time) and its kind; `superseded` is the stream's affair. Pure.

inline constexpr std::size_t kMaxChunkBytes = 1 << 20;

darkroom::v1::JobEvent ViewAccepted(const scheduler::JobEvent& event, darkroom::v1::Job accepted);
darkroom::v1::JobEvent ViewQueued(const scheduler::JobEvent& event, absl::string_view id,
                                  const scheduler::QueuedEvent& queued,
                                  std::optional<absl::Duration> wait);
darkroom::v1::JobEvent ViewStarted(const scheduler::JobEvent& event, absl::string_view id,
                                   const scheduler::StartedEvent& started);
darkroom::v1::JobEvent ViewProgress(const scheduler::JobEvent& event, absl::string_view id,
                                    const scheduler::ProgressEvent& progress);
darkroom::v1::JobEvent ViewPreview(const scheduler::JobEvent& event, absl::string_view id,
                                   const scheduler::PreviewEvent& preview, std::string jpeg);
darkroom::v1::JobEvent ViewFinished(const scheduler::JobEvent& event, darkroom::v1::Job finished);

// The part of the image that begins at `offset`, of at most kMaxChunkBytes.
darkroom::v1::JobEvent ViewChunk(const scheduler::JobEvent& event, absl::string_view id,
                                 const darkroom::v1::ImageParameters& parameters, int image,
                                 const StoredImage& stored, std::size_t offset);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EVENT_VIEW_H_
