#include "server/admission/upscale_rules.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "naming/hires_pass.h"
#include "naming/upscale_plan.h"
#include "server/admission/name_choice.h"
#include "server/admission/name_rules.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// AUTOMATIC1111's, of its page and its API.
constexpr double kDefaultUpscale = 2;
constexpr NumberRange kUpscale = {.least = 1, .most = 8};
constexpr NumberRange kVisibility = {.least = 0, .most = 1};
constexpr int kMostSideToCover = 8192;
constexpr absl::string_view kPlainUpscalers[] = {"Lanczos", "Nearest"};

// Blames every field that is set but these.
void RefuseOthers(const Message& message, absl::string_view prefix,
                  const std::vector<std::string>& known, ViolationList& violations) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (std::find(known.begin(), known.end(), field->name()) != known.end()) continue;
    violations.Add(absl::StrCat(prefix, field->name()),
                   "has no say where a picture is only made larger; leave it out");
  }
}

bool CheckCover(absl::string_view field, bool present, int value, ViolationList& violations) {
  if (!present) {
    violations.Add(field, "is missing beside the other side; a size to cover has both");
    return false;
  }
  if (!violations.CheckRange(field, std::int64_t{value}, 8, kMostSideToCover)) return false;
  if (value % 8 == 0) return true;
  violations.Add(field, absl::StrCat("is ", value, "; it must be a multiple of 8"));
  return false;
}

// Whether what is asked for can be computed.
bool CheckAskedUpscale(Resolution& request) {
  v1::Upscale& upscale = *request.resolved.mutable_upscale();
  ViolationList& violations = request.violations;
  if (!upscale.has_width() && !upscale.has_height()) {
    upscale.clear_crop();
    if (!upscale.has_scale()) upscale.set_scale(kDefaultUpscale);
    return violations.CheckRange("upscale.scale", upscale.scale(), kUpscale);
  }
  bool good = true;
  if (upscale.has_scale()) {
    violations.Add("upscale.scale", "cannot be used with width and height; leave one of them out");
    good = false;
  }
  good &= CheckCover("upscale.width", upscale.has_width(), upscale.width(), violations);
  good &= CheckCover("upscale.height", upscale.has_height(), upscale.height(), violations);
  if (!upscale.has_crop()) upscale.set_crop(true);
  return good;
}

// What is made of the picture; nothing where that is not known or not possible.
std::optional<naming::UpscaleAim> ResolveAim(Resolution& request) {
  if (!CheckAskedUpscale(request) || !request.inputs.init_image.has_value()) return std::nullopt;
  const picture::Header& picture = *request.inputs.init_image;
  const v1::Upscale& upscale = request.resolved.upscale();
  const naming::UpscaleAim aim =
      upscale.has_scale() ? naming::AimBy(picture.width(), picture.height(), upscale.scale())
                          : naming::AimToCover(picture.width(), picture.height(), upscale.width(),
                                               upscale.height());
  const bool good = std::min(aim.width, aim.height) > 0 &&
                    std::max(aim.width, aim.height) <= picture::kMaxSide &&
                    std::int64_t{aim.width} * aim.height <= picture::kMaxPixels;
  if (good) return aim;
  request.violations.Add(
      upscale.has_scale() ? "upscale.scale" : "upscale.width",
      absl::StrCat("makes ", aim.width, " x ", aim.height, " of the picture's ", picture.width(),
                   " x ", picture.height(), "; 8 to ", picture::kMaxSide, " a side and at most ",
                   picture::kMaxPixels, " pixels are possible"));
  return std::nullopt;
}

// The name as it is written in answers, and what the upscaler adds to the work.
std::string ResolveName(const std::string& field, const std::string& name,
                        const std::optional<naming::UpscaleAim>& aim, Resolution& request) {
  if (aim.has_value()) request.upscaled_pixels += std::int64_t{aim->width} * aim->height;
  std::vector<std::string> known;
  for (const absl::string_view plain : kPlainUpscalers) {
    const naming::UpscalerName* found = naming::FindUpscaler(name);
    if (found != nullptr && found->name == plain) return std::string(plain);
    known.emplace_back(plain);
  }
  const AdapterIndex* files = request.catalogue.adapters;
  const auto* listed = files == nullptr ? nullptr : files->FindUpscaler(name);
  if (listed == nullptr) {
    if (files != nullptr) {
      for (const auto& other : files->upscalers()) known.push_back(other.upscaler().name());
    }
    request.violations.Add(field, DescribeUnknownName("upscaler", name, known));
    return name;
  }
  const v1::Upscaler& upscaler = listed->upscaler();
  if (!aim.has_value()) return upscaler.name();
  const picture::Header& picture = *request.inputs.init_image;
  const naming::UpscalePlan plan =
      naming::PlanUpscale(picture.width(), picture.height(), *aim, std::max(upscaler.scale(), 1));
  if (plan.largest_width * plan.largest_height > naming::kMaxUpscaledPixels) {
    request.violations.Add(
        field,
        absl::StrCat("makes a picture of ", plan.largest_width, " x ", plan.largest_height,
                     " on the way to the size, at most ", naming::kMaxUpscaledPixels,
                     " pixels are possible; take one of a smaller scale than ", upscaler.scale()));
  }
  request.upscale_operations +=
      static_cast<double>(listed->operations_per_pixel()) * static_cast<double>(plan.pixels);
  return upscaler.name();
}

}  // namespace

void ResolveUpscale(Resolution& request) {
  RefuseOthers(request.asked, "", {"model", "init_image", "upscale"}, request.violations);
  if (request.asked.has_init_image()) {
    RefuseOthers(request.asked.init_image(), "init_image.", {"content", "name"},
                 request.violations);
  } else {
    request.violations.Add("init_image", "is missing: send the picture, or name one");
  }
  const std::optional<naming::UpscaleAim> aim = ResolveAim(request);
  v1::Upscale& upscale = *request.resolved.mutable_upscale();
  const std::string first = upscale.upscaler().empty() ? "Lanczos" : upscale.upscaler();
  upscale.set_upscaler(ResolveName("upscale.upscaler", first, aim, request));
  const bool visible = request.violations.CheckRange("upscale.second_visibility",
                                                     upscale.second_visibility(), kVisibility);
  if (visible && (upscale.second_upscaler().empty() || upscale.second_visibility() == 0)) {
    upscale.clear_second_upscaler();
    upscale.clear_second_visibility();
  } else {
    upscale.set_second_upscaler(
        ResolveName("upscale.second_upscaler", upscale.second_upscaler(), aim, request));
  }
}

}  // namespace darkroom::server
