#include "worker/diffusion/backend_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kMaxSeed = 0xFFFFFFFF;

absl::Status CheckRange(absl::string_view field, std::int64_t value, std::int64_t low,
                        std::int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, ", not between ", low, " and ", high));
}

absl::Status CheckSide(absl::string_view field, int side, const ModelInfo& info) {
  DARKROOM_RETURN_IF_ERROR(CheckRange(field, side, info.size_multiple, info.max_side));
  if (side % info.size_multiple == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", side, ", not a multiple of ", info.size_multiple));
}

absl::Status CheckName(absl::string_view field, const std::string& name,
                       const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " is not one of the model's"));
}

}  // namespace

absl::Status CheckRequest(const ImageRequest& request, const ModelInfo& info) {
  DARKROOM_RETURN_IF_ERROR(CheckSide("width", request.width, info));
  DARKROOM_RETURN_IF_ERROR(CheckSide("height", request.height, info));
  DARKROOM_RETURN_IF_ERROR(CheckRange(
      "width * height", std::int64_t{request.width} * request.height, 1, info.max_pixels));
  DARKROOM_RETURN_IF_ERROR(CheckRange("steps", request.steps, 1, info.max_steps));
  DARKROOM_RETURN_IF_ERROR(CheckRange("image_count", request.image_count, 1, info.max_images));
  DARKROOM_RETURN_IF_ERROR(CheckRange("clip_skip", request.clip_skip, 1, info.max_clip_skip));
  DARKROOM_RETURN_IF_ERROR(CheckRange("seed", request.seed, 0, kMaxSeed));
  DARKROOM_RETURN_IF_ERROR(CheckName("sampler", request.sampler, info.samplers));
  DARKROOM_RETURN_IF_ERROR(CheckName("schedule", request.schedule, info.schedules));
  if (!std::isfinite(request.guidance_scale)) {
    return absl::InvalidArgumentError("guidance_scale is not finite");
  }
  return absl::OkStatus();
}

absl::Status CheckRows(absl::Span<const Row> rows, int max_rows) {
  if (rows.empty() || rows.size() > static_cast<std::size_t>(max_rows)) {
    return absl::FailedPreconditionError(
        absl::StrCat(rows.size(), " rows in a step that takes 1 to ", max_rows));
  }
  std::set<std::pair<const Generation*, int>> seen;
  for (const Row& row : rows) {
    if (row.generation->batch_key() != rows[0].generation->batch_key()) {
      return absl::FailedPreconditionError("rows of different batch keys in one step");
    }
    if (row.image < 0 || row.image >= row.generation->image_count() ||
        row.generation->done(row.image)) {
      return absl::FailedPreconditionError("a row of an image that is done or does not exist");
    }
    if (!seen.emplace(row.generation, row.image).second) {
      return absl::FailedPreconditionError("an image occurs twice in one step");
    }
  }
  return absl::OkStatus();
}

}  // namespace darkroom::diffusion
