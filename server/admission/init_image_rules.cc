#include "server/admission/init_image_rules.h"

#include "server/admission/enum_text.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

constexpr double kDefaultStrength = 0.75;  // AUTOMATIC1111's
constexpr NumberRange kStrength = {.least = 0, .most = 1, .above_least = true};

}  // namespace

void ResolveInitImage(Resolution& request) {
  if (!request.asked.has_init_image()) return;
  v1::InitImage& image = *request.resolved.mutable_init_image();
  if (!image.has_strength()) image.set_strength(kDefaultStrength);
  request.violations.CheckRange("init_image.strength", image.strength(), kStrength);
  if (image.resize_mode() == v1::RESIZE_MODE_UNSPECIFIED) {
    image.set_resize_mode(v1::RESIZE_MODE_STRETCH);
  } else if (!v1::ResizeMode_IsValid(image.resize_mode())) {
    request.violations.Add(
        "init_image.resize_mode",
        DescribeUnknownValue(*v1::ResizeMode_descriptor(), image.resize_mode(), "resize mode"));
  }
}

}  // namespace darkroom::server
