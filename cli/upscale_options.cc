#include "cli/upscale_options.h"

#include <filesystem>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/picture_fields.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

absl::StatusOr<std::int32_t> ToSide(absl::string_view option, std::int64_t value) {
  if (value >= 0 && value <= std::numeric_limits<std::int32_t>::max()) {
    return static_cast<std::int32_t>(value);
  }
  return absl::InvalidArgumentError(absl::StrCat("--", option, " ", value, " is no size"));
}

// "photo" of "holiday/photo.jpg", "ID" of "jobs/ID", "ID-1" of "jobs/ID/images/1".
std::string StemOf(absl::string_view picture) {
  if (absl::ConsumePrefix(&picture, "jobs/") || absl::ConsumePrefix(&picture, "inputs/")) {
    return absl::StrReplaceAll(picture, {{"/images/", "-"}});
  }
  return std::filesystem::path(std::string(picture)).stem().string();
}

}  // namespace

void UpscaleOptions::Declare(OptionParser& options) {
  options.Add({"upscaler", "NAME",
               "\"Lanczos\" (default), \"Nearest\", or a network that the "
               "server has",
               ""},
              &upscaler);
  options.Add({"scale", "N", "times as wide and high, 1 to 8; default 2", ""}, &scale);
  options.Add({"width", "PIXELS", "or to cover this width and --height, multiples of 8", ""},
              &width);
  options.Add({"height", "PIXELS", "likewise", ""}, &height);
  options.Add({"no_crop", "", "keep what stands over that size", ""}, &no_crop);
  options.Add({"upscaler_2", "NAME", "blend in what a second one makes", ""}, &second_upscaler);
  options.Add({"visibility", "SHARE", "of the second, 0 to 1; default 0.5", ""}, &visibility);
  options.Add({"model", "NAME", "whose workers do it; default: the server's", ""}, &model);
  output.DeclareOutput(options);
}

absl::StatusOr<darkroom::v1::GenerateImageRequest> UpscaleOptions::Request(
    absl::string_view picture) const {
  constexpr double kUsualVisibility = 0.5;
  darkroom::v1::GenerateImageRequest request;
  request.set_request_id(output.request_id.empty() ? RandomId() : output.request_id);
  darkroom::v1::ImageParameters& parameters = *request.mutable_parameters();
  DARKROOM_RETURN_IF_ERROR(SetInitImage(picture, parameters));
  parameters.set_model(model);
  darkroom::v1::Upscale& upscale = *parameters.mutable_upscale();
  upscale.set_upscaler(upscaler);
  if (scale.has_value()) upscale.set_scale(*scale);
  if (width.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(const std::int32_t side, ToSide("width", *width));
    upscale.set_width(side);
  }
  if (height.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(const std::int32_t side, ToSide("height", *height));
    upscale.set_height(side);
  }
  if (no_crop) upscale.set_crop(false);
  if (visibility.has_value() && second_upscaler.empty()) {
    return absl::InvalidArgumentError("--visibility is of --upscaler_2, which is missing");
  }
  if (!second_upscaler.empty()) {
    upscale.set_second_upscaler(second_upscaler);
    upscale.set_second_visibility(visibility.value_or(kUsualVisibility));
  }
  return request;
}

std::string UpscaleOptions::OutPath(absl::string_view picture) const {
  if (absl::EndsWithIgnoreCase(output.out, ".png")) return output.out;
  const std::filesystem::path folder = output.out.empty() ? "." : output.out;
  return (folder / absl::StrCat(StemOf(picture), "-upscaled.png")).string();
}

}  // namespace darkroom::cli
