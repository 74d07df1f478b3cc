#ifndef DARKROOM_WORKER_ENGINE_FINISHED_IMAGE_H_
#define DARKROOM_WORKER_ENGINE_FINISHED_IMAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rgb_image.h"
#include "darkroom/v1/job.pb.h"
#include "worker/engine/job_spec.h"

namespace darkroom::worker {

// A picture ready to be stored.
struct FinishedImage {
  std::string png;
  v1::Image record;
};

// Encodes image `index` of a job, with the parameters that made it inside: the infotext names
// the seeds of this image, so that it can be made again alone, and of the options those that had a
// say and are not the defaults, as AUTOMATIC1111 does. `model` is the catalogue id. Of a picture
// that was only made larger, the text of the file and behind it how.
absl::StatusOr<FinishedImage> FinishImage(const RgbImage& picture, const WorkOrder& order,
                                          int index, absl::string_view model,
                                          absl::string_view model_hash);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_FINISHED_IMAGE_H_
