#ifndef DARKROOM_SERVER_ADMISSION_COST_MODEL_H_
#define DARKROOM_SERVER_ADMISSION_COST_MODEL_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "darkroom/v1/model.pb.h"
#include "scheduler/core/throughput.h"

namespace darkroom::server {

// Predictions from what workers have measured of a model. Pure.

// Device time of a request whose parameters are resolved, if the job is computed alone: its images
// are the only ones in each forward. So it is the sum, over its passes, of calls times what a call
// of all its images' rows takes, and of decoding each image, by learnt_costs.h. The time for which
// a job is charged in the end is the share of its rows in each forward (StepEngine), which is less
// in company, and includes what is left out here: reading prompts and pictures.
//
// Of a model whose calls were not measured by shape, a call takes the measured step time, which is
// of the usual two rows, scaled by pixels and rows; of one that was not measured at all,
// kUnmeasuredStep a step. An upscaler that is a network takes what was measured for its
// `upscale_operations`, multiply-adds, or kUnmeasuredUpscale for 10^12. A picture that is only made
// larger also costs kUpscaledPixel for each of `upscaled_pixels`: resampled, and written as a file.
inline constexpr absl::Duration kUnmeasuredStep = absl::Milliseconds(100);
inline constexpr absl::Duration kUnmeasuredUpscale = absl::Seconds(1);
inline constexpr absl::Duration kUpscaledPixel = absl::Nanoseconds(100);
absl::Duration PredictCost(const darkroom::v1::Model& model,
                           const darkroom::v1::ImageParameters& resolved,
                           double upscale_operations = 0, std::int64_t upscaled_pixels = 0);

// Until `ahead` has been done, at the pool's throughput or, while little is known of it, by the
// model's workers. None while the model is not measured or no
// worker serves it.
std::optional<absl::Duration> PredictWait(const darkroom::v1::Model& model, absl::Duration ahead,
                                          const scheduler::Throughput& throughput);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_COST_MODEL_H_
