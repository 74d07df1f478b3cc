#include "server/admission/size_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace darkroom::server {
namespace {

using darkroom::v1::Model;

// What is wrong with the area; empty when nothing is.
std::string DescribeArea(int width, int height, const Model* model) {
  const std::int64_t pixels = std::int64_t{width} * height;
  if (model == nullptr || pixels <= model->max_pixels()) return "";
  return absl::StrCat("makes a picture of ", width, " x ", height, " = ", pixels,
                      " pixels; the model allows at most ", DescribePixelBound(*model),
                      ": make it smaller");
}

// The multiple of 8 nearest to `side` in proportion, at least 8.
int Proportional(int side, int numerator, int denominator) {
  constexpr int kMultiple = 8;
  const double exact = static_cast<double>(side) * numerator / denominator;
  return std::max(1, static_cast<int>(std::lround(exact / kMultiple))) * kMultiple;
}

// Of the picture that is begun with, with its margins.
darkroom::v1::PictureSize InitSize(const Resolution& request) {
  const darkroom::v1::Margins& margins = request.resolved.init_image().extend();
  darkroom::v1::PictureSize size;
  size.set_width(margins.left() + request.inputs.init_image->width() + margins.right());
  size.set_height(margins.top() + request.inputs.init_image->height() + margins.bottom());
  return size;
}

// The size of the picture that is begun with, of which one side may be given.
void ResolveSizeOfInitImage(Resolution& request) {
  const darkroom::v1::ImageParameters& asked = request.asked;
  darkroom::v1::ImageParameters& resolved = request.resolved;
  const int width = InitSize(request).width();
  const int height = InitSize(request).height();
  bool good = true;
  if (asked.has_width())
    good &= CheckSide("width", asked.width(), request.model, request.violations);
  if (asked.has_height()) {
    good &= CheckSide("height", asked.height(), request.model, request.violations);
  }
  if (!good) return;
  if (!asked.has_width()) {
    resolved.set_width(asked.has_height() ? Proportional(asked.height(), width, height)
                                          : Proportional(width, 1, 1));
  }
  if (!asked.has_height()) {
    resolved.set_height(asked.has_width() ? Proportional(asked.width(), height, width)
                                          : Proportional(height, 1, 1));
  }
  const Model* model = request.model;
  const bool fits =
      model == nullptr || (std::max(resolved.width(), resolved.height()) <= model->max_side() &&
                           DescribeArea(resolved.width(), resolved.height(), model).empty());
  if (fits) return;
  request.violations.Add(
      "init_image",
      absl::StrCat("is ", width, " x ", height, ", which makes a picture of ", resolved.width(),
                   " x ", resolved.height(), "; the model allows at most ", model->max_side(),
                   " a side and ", DescribePixelBound(*model), ": set width and height"));
}

void ResolvePictureSize(Resolution& request) {
  const darkroom::v1::ImageParameters& asked = request.asked;
  const Model* model = request.model;
  // With only_masked the picture keeps its size, whatever that of what is made.
  const bool takes_its_size =
      request.inputs.init_image.has_value() && !asked.init_image().mask().only_masked();
  if (takes_its_size && !(asked.has_width() && asked.has_height())) {
    return ResolveSizeOfInitImage(request);
  }
  bool good = true;
  if (asked.has_width()) {
    good &= CheckSide("width", asked.width(), model, request.violations);
  } else if (model != nullptr) {
    request.resolved.set_width(model->default_width());
  }
  if (asked.has_height()) {
    good &= CheckSide("height", asked.height(), model, request.violations);
  } else if (model != nullptr) {
    request.resolved.set_height(model->default_height());
  }
  if (!good) return;
  const std::string wrong =
      DescribeArea(request.resolved.width(), request.resolved.height(), model);
  if (wrong.empty()) return;
  // Blames the fields that were sent; a model's defaults agree with its limits.
  if (asked.has_width()) request.violations.Add("width", wrong);
  if (asked.has_height()) request.violations.Add("height", wrong);
}

void ResolveSeedResize(Resolution& request) {
  const darkroom::v1::PictureSize& from = request.asked.seed_resize_from();
  const bool absent = from.width() == 0 && from.height() == 0;
  if (!absent) {
    const bool width_good =
        CheckSide("seed_resize_from.width", from.width(), request.model, request.violations);
    const bool height_good =
        CheckSide("seed_resize_from.height", from.height(), request.model, request.violations);
    const std::string wrong = DescribeArea(from.width(), from.height(), request.model);
    if (width_good && height_good && !wrong.empty()) {
      request.violations.Add("seed_resize_from", wrong);
    }
  }
  const bool same =
      from.width() == request.resolved.width() && from.height() == request.resolved.height();
  if (absent || same) request.resolved.clear_seed_resize_from();
}

}  // namespace

std::string DescribePixelBound(const Model& model) {
  return absl::StrCat(model.max_pixels(),
                      " pixels, four times what it was made for or what its workers' memory holds "
                      "(their --job_memory)");
}

bool CheckSide(absl::string_view field, int value, const Model* model, ViolationList& violations) {
  const int multiple = model != nullptr ? std::max(model->size_multiple(), 1) : 8;
  const int most = model != nullptr ? model->max_side() : 1 << 20;
  if (value < multiple || value > most) {
    violations.Add(field, absl::StrCat("is ", value, "; it must be ", multiple, " to ", most,
                                       ", in multiples of ", multiple));
    return false;
  }
  if (value % multiple == 0) return true;
  const int below = value - value % multiple;
  const std::string above = below + multiple <= most ? absl::StrCat(" or ", below + multiple) : "";
  violations.Add(field, absl::StrCat("is ", value, ", which is not a multiple of ", multiple,
                                     "; use ", below, above));
  return false;
}

void ResolveSizes(Resolution& request) {
  ResolvePictureSize(request);
  ResolveSeedResize(request);
}

}  // namespace darkroom::server
