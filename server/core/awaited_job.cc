#include "server/core/awaited_job.h"

#include <utility>

#include "server/core/api_error.h"

namespace darkroom::server {

using darkroom::v1::JobEvent;

absl::Status EndedJob::Outcome() const {
  if (job.state() == darkroom::v1::JOB_STATE_SUCCEEDED) {
    if (pictures.size() >= static_cast<std::size_t>(job.images_size())) return absl::OkStatus();
    return ApiError(absl::StatusCode::kNotFound, reason::kImageNotFound,
                    "the pictures of this job are no longer kept; make them again by its seed");
  }
  if (job.has_error()) return FromRpcStatus(job.error());
  return ApiError(absl::StatusCode::kCancelled, reason::kCancelled, "the job was cancelled");
}

std::shared_ptr<AwaitedJob> AwaitedJob::Start(Loop& loop, std::shared_ptr<GenerationCore> core,
                                              OpenStreams& streams, NewJob job, Handlers handlers) {
  auto awaited = std::make_shared<AwaitedJob>(loop, std::move(handlers));
  awaited->self_ = awaited;
  const auto stream = std::make_shared<JobStream>(std::move(core), *awaited);
  awaited->stream_ = stream;
  streams.Add(stream);
  stream->Generate(std::move(job), /*cancel_on_disconnect=*/true);
  return awaited;
}

void AwaitedJob::Abandon() {
  handlers_ = {};
  if (self_ == nullptr) return;
  stream_->OnGone();
  End(absl::CancelledError());
}

void AwaitedJob::Send(const JobEvent& event) {
  if (event.has_image_chunk()) {
    Keep(event.image_chunk());
  } else {
    if (event.has_finished()) finished_ = event.finished().job();
    if (handlers_.event != nullptr) handlers_.event(event);
  }
  loop_.Post([self = shared_from_this()] {
    if (self->self_ != nullptr) self->stream_->OnSent();
  });
}

void AwaitedJob::Keep(const darkroom::v1::ImageChunk& chunk) {
  AwaitedPicture& picture = pictures_[chunk.image().index()];
  // A job that was taken over draws its pictures anew.
  if (chunk.offset() == 0) picture = {chunk.image(), ""};
  picture.bytes.append(chunk.data());
}

void AwaitedJob::Close(const absl::Status& status) {
  if (!status.ok()) return End(status);
  EndedJob ended;
  for (auto& [index, picture] : pictures_) ended.pictures.push_back(std::move(picture));
  for (const darkroom::v1::Image& image : finished_.images()) {
    for (AwaitedPicture& picture : ended.pictures) {
      if (picture.image.index() == image.index()) picture.image = image;
    }
  }
  ended.job = std::move(finished_);
  End(std::move(ended));
}

void AwaitedJob::End(absl::StatusOr<EndedJob> ended) {
  // Later, because the stream may be the one that calls.
  loop_.Post([self = std::move(self_), ended = std::move(ended)]() mutable {
    self->stream_ = nullptr;
    if (self->handlers_.done) self->handlers_.done(std::move(ended));
    self->handlers_ = {};
  });
}

}  // namespace darkroom::server
