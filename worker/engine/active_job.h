#ifndef DARKROOM_WORKER_ENGINE_ACTIVE_JOB_H_
#define DARKROOM_WORKER_ENGINE_ACTIVE_JOB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/deadline.h"
#include "common/rgb_image.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "picture/inpainting.h"
#include "scheduler/core/lease_store.h"
#include "worker/diffusion/backend.h"
#include "worker/engine/batch_policy.h"
#include "worker/engine/input_loader.h"
#include "worker/engine/job_spec.h"
#include "worker/engine/lease.h"
#include "worker/engine/served_model.h"

namespace darkroom::worker {

// A leased job while it is computed: what it asks, how far it is, what it has cost. Thread-
// compatible; the device thread owns it, and with it the job's state in the backend.
class ActiveJob {
 public:
  // `model` is the catalogue id.
  ActiveJob(std::string model, WorkOrder order, Deadline deadline, std::shared_ptr<Lease> lease);

  const std::string& model() const { return model_; }
  const WorkOrder& order() const { return order_; }
  const diffusion::ImageRequest& request() const { return order_.request; }
  const Deadline& deadline() const { return deadline_; }
  const std::shared_ptr<Lease>& lease() const { return lease_; }
  // Images, whether or not they have begun.
  int rows() const { return order_.request.image_count; }

  // What the request lacks and where it can be gone on from, before it begins.
  void SetInput(LoadedInput input);
  // A SavedStep; empty where there is none.
  const std::string& saved() const { return saved_; }
  // What is kept of the picture that it began with, over an image that has been made.
  RgbImage Compose(RgbImage made, int image) const;

  // `served` has begun with it, at `tick`; the job keeps it.
  void Begin(std::shared_ptr<ServedModel> served, std::unique_ptr<diffusion::Generation> generation,
             std::int64_t tick, absl::Time now);
  bool begun() const { return generation_ != nullptr; }
  // Of a job that has begun.
  const std::shared_ptr<ServedModel>& served() const { return served_; }
  diffusion::Generation& generation() { return *generation_; }

  // Computed, failed or given up: it is to be let go of and takes part in nothing more.
  void End() { ended_ = true; }
  bool ended() const { return ended_; }

  // Adds the images that wait for a denoiser call, none that is being scaled; the caller says how
  // the policy calls the job and an image's key.
  void AppendWaiting(int job, absl::FunctionRef<int(const diffusion::BatchKey&)> number_of,
                     std::vector<WaitingRow>& rows) const;
  void NoteServed(int image, std::int64_t tick);
  // Ticks in which images of it were served.
  int forwards() const { return forwards_; }
  // True when this step of the image, which the backend has just done, is one to show.
  bool PreviewDue(int image);

  // Steps done by the image furthest behind.
  int steps_done() const;
  int steps() const { return generation_->steps(); }
  // After a forward: true when steps_done() has risen.
  bool NoteProgress(absl::Time now);
  // A picture between the passes has been worked on until now, which is no time of steps.
  void NoteScaled(absl::Time now);
  // What has been computed since the last NoteSaved, or since it began: wall time.
  absl::Duration unsaved() const { return unsaved_; }
  void NoteSaved() { unsaved_ = absl::ZeroDuration(); }
  // Until the job is done, when a decode takes `decode`; InfiniteDuration until measured.
  absl::Duration TimeLeft(absl::Duration decode) const;
  // What is made in the end, and by the pass that an image is in: with a hires fix the first makes
  // less. Pixels.
  diffusion::PictureSize size() const;
  diffusion::PictureSize SizeOfPass(int image) const;

  // The first image whose picture is to be scaled between the passes; -1 when there is none.
  int NextToScale() const;
  // Multiply-adds until no image waits for that.
  std::int64_t scaling_left() const;
  // The first image that can be decoded; -1 when there is none.
  int NextToDecode() const;
  void NoteDecoded(int image, v1::Image record);
  bool complete() const;

  void Charge(absl::Duration device_time) { device_time_ += device_time; }
  absl::Duration device_time() const { return device_time_; }
  // Of a complete job.
  internal::v1::JobResult result() const;

 private:
  struct ImageState {
    int calls_done = 0;
    std::int64_t last_served = 0;
    int previewed = 0;  // steps done at the newest preview
    bool decoded = false;
    v1::Image record;
  };

  // Of the request, where a second pass follows, or all.
  int first_steps() const;
  // What the first `steps` steps take, in steps of the first pass.
  double WorkOf(int steps) const;

  const std::string model_;
  WorkOrder order_;
  std::optional<picture::Overlay> overlay_;
  std::string saved_;
  const Deadline deadline_;
  const std::shared_ptr<Lease> lease_;
  std::shared_ptr<ServedModel> served_;  // outlives the generation
  std::unique_ptr<diffusion::Generation> generation_;
  std::vector<ImageState> images_;
  bool ended_ = false;
  int forwards_ = 0;
  std::int64_t last_served_ = -1;

  int reported_ = 0;          // steps_done() at the last NoteProgress, or when it began
  absl::Time reported_time_;  // when it rose
  absl::Duration pace_ = absl::InfiniteDuration();  // wall time of WorkOf one, all images
  absl::Duration device_time_ = absl::ZeroDuration();
  absl::Duration unsaved_ = absl::ZeroDuration();
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_ACTIVE_JOB_H_
