#include "server/admission/init_image_rules.h"

#include "absl/strings/str_cat.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"
#include "server/admission/enum_text.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

constexpr double kDefaultStrength = 0.75;  // AUTOMATIC1111's
constexpr NumberRange kStrength = {.least = 0, .most = 1, .above_least = true};
constexpr double kDefaultPictureGuidance = 1.5;  // AUTOMATIC1111's "Image CFG scale"
constexpr NumberRange kPictureGuidance = {0, 30};

void ResolveGuidanceByPicture(Resolution& request) {
  v1::InitImage& image = *request.resolved.mutable_init_image();
  if (image.has_guidance_scale()) {
    request.violations.CheckRange("init_image.guidance_scale", image.guidance_scale(),
                                  kPictureGuidance);
  }
  if (request.model == nullptr) return;
  if (request.model->task() != v1::MODEL_TASK_INSTRUCTION) return image.clear_guidance_scale();
  if (!image.has_guidance_scale()) image.set_guidance_scale(kDefaultPictureGuidance);
  const int parts = static_cast<int>(
      prompt::SplitComposition(prompt::TakeExtraNetworks(request.asked.prompt()).text).size());
  if (parts == 1 || image.guidance_scale() == 1) return;
  request.violations.Add(
      "prompt", absl::StrCat("has ", parts,
                             " parts joined by AND; a model that changes pictures by instruction "
                             "takes more than one only at an init_image.guidance_scale of 1"));
}

}  // namespace

void ResolveInitImage(Resolution& request) {
  if (!request.asked.has_init_image()) {
    if (request.model != nullptr && request.model->task() == v1::MODEL_TASK_INSTRUCTION) {
      request.violations.Add("init_image",
                             "is missing: the model changes pictures by instruction, and makes "
                             "none of a text alone; send one, or choose another model");
    }
    return;
  }
  ResolveGuidanceByPicture(request);
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
