#include "worker/engine/active_job.h"

#include <algorithm>
#include <utility>

#include "scheduler/core/record_version.h"

namespace darkroom::worker {
namespace {

constexpr double kNewest = 0.2;  // weight of the newest step in the pace

}  // namespace

ActiveJob::ActiveJob(std::string model, WorkOrder order, Deadline deadline,
                     std::shared_ptr<Lease> lease)
    : model_(std::move(model)),
      order_(std::move(order)),
      deadline_(deadline),
      lease_(std::move(lease)) {}

void ActiveJob::SetInput(LoadedInput input) {
  saved_ = std::move(input.saved);
  if (!order_.input.has_value()) return;
  if (order_.request.upscale.has_value()) {
    order_.request.width = input.picture.width;
    order_.request.height = input.picture.height;
    order_.request.upscale->picture = std::move(input.picture);
    order_.input_infotext = std::move(input.infotext);
    return;
  }
  diffusion::InitPicture& init = *order_.request.init;
  init.picture = std::move(input.picture);
  if (init.mask.has_value()) init.mask->mask = std::move(input.mask);
  overlay_ = std::move(input.overlay);
}

RgbImage ActiveJob::Compose(RgbImage made, int image) const {
  if (!overlay_.has_value()) return made;
  const std::optional<GreyImage> changed = generation_->Changed(image);
  if (!changed.has_value()) return picture::ApplyOverlay(*overlay_, made);
  return picture::ApplyOverlay(picture::SoftOverlay(*overlay_, *changed, made.width, made.height),
                               made);
}

void ActiveJob::Begin(std::shared_ptr<ServedModel> served,
                      std::unique_ptr<diffusion::Generation> generation, std::int64_t tick,
                      absl::Time now) {
  served_ = std::move(served);
  generation_ = std::move(generation);
  images_.resize(static_cast<std::size_t>(generation_->image_count()));
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) {
    images_[i].last_served = tick;
    images_[i].previewed = generation_->steps_done(i);
  }
  saved_.clear();
  reported_ = steps_done();
  reported_time_ = now;
}

void ActiveJob::AppendWaiting(int job, absl::FunctionRef<int(const diffusion::BatchKey&)> number_of,
                              std::vector<WaitingRow>& rows) const {
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) {
    if (generation_->done(i) || generation_->scaling_left(i) > 0) continue;
    rows.push_back({.job = job,
                    .image = i,
                    .key = number_of(generation_->batch_key(i)),
                    .calls_done = images_[i].calls_done,
                    .last_served = images_[i].last_served});
  }
}

void ActiveJob::NoteServed(int image, std::int64_t tick) {
  ++images_[image].calls_done;
  images_[image].last_served = tick;
  if (std::exchange(last_served_, tick) != tick) ++forwards_;
}

bool ActiveJob::PreviewDue(int image) {
  if (order_.preview_interval == 0 || generation_->done(image)) return false;
  const int done = generation_->steps_done(image);
  const int last = images_[image].previewed;
  if (done / order_.preview_interval == last / order_.preview_interval) return false;
  images_[image].previewed = done;
  return true;
}

int ActiveJob::steps_done() const {
  int least = generation_->steps();
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) {
    least = std::min(least, generation_->steps_done(i));
  }
  return least;
}

bool ActiveJob::NoteProgress(absl::Time now) {
  if (!begun()) return false;
  const int done = steps_done();
  if (done == reported_) return false;
  const absl::Duration took = now - reported_time_;
  const absl::Duration step = took / (WorkOf(done) - WorkOf(reported_));
  pace_ = pace_ == absl::InfiniteDuration() ? step : pace_ * (1 - kNewest) + step * kNewest;
  unsaved_ += took;
  reported_ = done;
  reported_time_ = now;
  return true;
}

void ActiveJob::NoteScaled(absl::Time now) {
  unsaved_ += now - reported_time_;
  reported_time_ = now;
}

diffusion::PictureSize ActiveJob::size() const {
  const diffusion::ImageRequest& asked = request();
  return asked.hires.has_value() ? asked.hires->size
                                 : diffusion::PictureSize{asked.width, asked.height};
}

int ActiveJob::first_steps() const {
  return steps() - (request().hires.has_value() ? request().hires->steps : 0);
}

diffusion::PictureSize ActiveJob::SizeOfPass(int image) const {
  const bool first = generation_->steps_done(image) < first_steps();
  return first ? diffusion::PictureSize{request().width, request().height} : size();
}

double ActiveJob::WorkOf(int steps) const {
  const int beyond = std::max(0, steps - first_steps());
  const double larger = (static_cast<double>(size().width) * size().height) /
                        (static_cast<double>(request().width) * request().height);
  return (steps - beyond) + larger * beyond;
}

absl::Duration ActiveJob::TimeLeft(absl::Duration decode) const {
  if (!begun() || pace_ == absl::InfiniteDuration()) return absl::InfiniteDuration();
  const auto undecoded = std::count_if(images_.begin(), images_.end(),
                                       [](const ImageState& image) { return !image.decoded; });
  return pace_ * (WorkOf(steps()) - WorkOf(steps_done())) + decode * undecoded;
}

int ActiveJob::NextToScale() const {
  if (!begun()) return -1;
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) {
    if (generation_->scaling_left(i) > 0) return i;
  }
  return -1;
}

std::int64_t ActiveJob::scaling_left() const {
  std::int64_t left = 0;
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) left += generation_->scaling_left(i);
  return left;
}

int ActiveJob::NextToDecode() const {
  if (!begun()) return -1;
  for (int i = 0; i < static_cast<int>(images_.size()); ++i) {
    if (generation_->done(i) && !images_[i].decoded) return i;
  }
  return -1;
}

void ActiveJob::NoteDecoded(int image, v1::Image record) {
  images_[image].decoded = true;
  images_[image].record = std::move(record);
}

bool ActiveJob::complete() const {
  return std::all_of(images_.begin(), images_.end(),
                     [](const ImageState& image) { return image.decoded; });
}

internal::v1::JobResult ActiveJob::result() const {
  internal::v1::JobResult result;
  result.set_version(scheduler::kJobResultVersion);
  for (const ImageState& image : images_) *result.add_images() = image.record;
  return result;
}

}  // namespace darkroom::worker
