#ifndef DARKROOM_SERVER_ADMISSION_COST_MODEL_H_
#define DARKROOM_SERVER_ADMISSION_COST_MODEL_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "darkroom/v1/model.pb.h"
#include "scheduler/core/throughput.h"

namespace darkroom::server {

// Predictions from a model's measured step time. Pure.

// Device time of a request whose parameters are resolved: measured step time, which is of one call
// with the usual two rows, scaled by pixels, calls, rows and images of each pass, and what its
// upscaler takes for `upscale_operations` multiply-adds. What nobody has measured is charged
// kUnmeasuredStep a step, and kUnmeasuredUpscale for 10^12 multiply-adds. A picture that is only
// made larger also costs kUpscaledPixel for each of `upscaled_pixels`: resampled, and written as a
// file.
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
