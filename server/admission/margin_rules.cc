#include "server/admission/margin_rules.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

constexpr int kMostMargin = 2048;
constexpr int kMultiple = 8;

// What is missing to the next multiple goes to the margin behind the picture, or to the one before
// it where there is none.
void RoundUp(int side, int before, int behind, void (v1::Margins::*set_before)(std::int32_t),
             void (v1::Margins::*set_behind)(std::int32_t), v1::Margins& margins) {
  const int missing = (kMultiple - (before + side + behind) % kMultiple) % kMultiple;
  if (behind > 0 || before == 0) {
    (margins.*set_behind)(behind + missing);
  } else {
    (margins.*set_before)(before + missing);
  }
}

}  // namespace

void ResolveMargins(Resolution& request) {
  if (!request.asked.init_image().has_extend()) return;
  v1::Margins& margins = *request.resolved.mutable_init_image()->mutable_extend();
  const std::pair<absl::string_view, int> sides[] = {
      {"init_image.extend.left", margins.left()},
      {"init_image.extend.top", margins.top()},
      {"init_image.extend.right", margins.right()},
      {"init_image.extend.bottom", margins.bottom()},
  };
  bool good = true;
  bool some = false;
  for (const auto& [field, margin] : sides) {
    good &= request.violations.CheckRange(field, std::int64_t{margin}, 0, kMostMargin);
    some |= margin != 0;
  }
  if (!some) {
    v1::InitImage& image = *request.resolved.mutable_init_image();
    image.clear_extend();
    if (image.mask().source_case() == v1::Mask::SOURCE_NOT_SET) image.clear_mask();
    return;
  }
  if (!good) return margins.Clear();  // no word about the sizes that they make
  if (!request.inputs.init_image.has_value()) return;
  const picture::Header& picture = *request.inputs.init_image;
  if (!request.asked.has_width()) {
    RoundUp(picture.width(), margins.left(), margins.right(), &v1::Margins::set_left,
            &v1::Margins::set_right, margins);
  }
  if (!request.asked.has_height()) {
    RoundUp(picture.height(), margins.top(), margins.bottom(), &v1::Margins::set_top,
            &v1::Margins::set_bottom, margins);
  }
  const std::int64_t width = margins.left() + picture.width() + margins.right();
  const std::int64_t height = margins.top() + picture.height() + margins.bottom();
  if (width * height <= picture::kMaxPixels) return;
  request.violations.Add(
      "init_image.extend",
      absl::StrCat("makes a picture of ", width, " x ", height, " = ", width * height,
                   " pixels; at most ", picture::kMaxPixels, " are allowed: extend it less"));
}

}  // namespace darkroom::server
