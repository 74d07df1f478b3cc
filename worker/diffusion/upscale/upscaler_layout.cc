#include "worker/diffusion/upscale/upscaler_layout.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

using Tensors = SafetensorsFile::Tensors;

constexpr std::int64_t kColours = 3;
constexpr std::int64_t kKernel = 9;  // elements of 3 x 3
constexpr int kDenseBlocks = 3;      // of a block
constexpr int kDenseConvolutions = 5;
constexpr int kMostBlocks = 256;
constexpr int kMostDoublings = 3;
constexpr int kMostScale = 8;
// Channels of what a dense block works on, and channels at the size of the result for each pixel of
// the picture: a tile of 192 x 192 pixels then takes at most 576 MiB an activation.
constexpr std::int64_t kMostWidth = 1024;
constexpr std::int64_t kMostFeaturesPerPixel = 4096;

// The shape of a 3 x 3 convolution with a bias: what it makes and what it takes.
struct Channels {
  std::int64_t out = 0;
  std::int64_t in = 0;
};

absl::StatusOr<Channels> FindConvolution(const Tensors& tensors, const std::string& name) {
  const auto weight = tensors.find(name + ".weight");
  if (weight == tensors.end() || !tensors.contains(name + ".bias")) {
    return absl::InvalidArgumentError(absl::StrCat("it has no '", name, ".weight' and '.bias'"));
  }
  const std::vector<std::int64_t>& shape = weight->second.shape;
  if (shape.size() != 4 || shape[2] != 3 || shape[3] != 3 || shape[0] < 1 || shape[1] < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("its '", name, ".weight' is no 3 x 3 convolution"));
  }
  return Channels{.out = shape[0], .in = shape[1]};
}

// The side of the squares of pixels that are `channels` in all; 0 for none.
int SideOf(std::int64_t channels) {
  for (int side = 1; side <= kMostScale; ++side) {
    if (side * side * kColours == channels) return side;
  }
  return 0;
}

bool Has(const Tensors& tensors, const std::string& convolution) {
  return tensors.contains(convolution + ".weight");
}

// `more(n)`: whether the file goes on after n of them.
template <typename More>
int Count(int most, const More& more) {
  int count = 0;
  while (count <= most && more(count)) ++count;
  return count;
}

std::int64_t OperationsOf(const RrdbLayout& layout) {
  const std::int64_t f = layout.features;
  const std::int64_t g = layout.growth;
  const std::int64_t square = std::int64_t{1} * layout.unshuffle * layout.unshuffle;
  std::int64_t dense = (f + 4 * g) * f;  // the fifth, then the four before it
  for (int i = 0; i < kDenseConvolutions - 1; ++i) dense += (f + i * g) * g;
  std::int64_t sum = kColours * square * f + layout.blocks * kDenseBlocks * dense + f * f;
  std::int64_t larger = 1;
  for (int i = 0; i < layout.doublings; ++i) {
    larger *= 4;
    sum += larger * f * f;
  }
  sum += larger * (f * f + f * kColours);
  return kKernel * sum / square;
}

std::int64_t OperationsOf(const CompactLayout& layout) {
  const std::int64_t f = layout.features;
  const std::int64_t last = kColours * layout.scale * layout.scale;
  return kKernel * (kColours * f + layout.convolutions * f * f + f * last);
}

absl::Status CheckSizes(int scale, std::int64_t features, std::int64_t widest) {
  if (scale < 1 || scale > kMostScale) {
    return absl::InvalidArgumentError("it scales by more than 8, or by no whole number");
  }
  if (widest <= kMostWidth && features * scale * scale <= kMostFeaturesPerPixel) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("it is too wide: it has ", features,
                                                 " channels and makes pictures ", scale,
                                                 " times as large"));
}

absl::StatusOr<UpscalerLayout> FindRrdb(const Tensors& tensors, RrdbLayout::Names names) {
  RrdbLayout layout{.names = names};
  if (tensors.contains("model.1.sub.0.RDB1.conv1x1.weight")) {
    return absl::InvalidArgumentError("it is an ESRGAN+, which is not supported");
  }
  const RrdbNames early(layout);
  layout.blocks =
      Count(kMostBlocks, [&](int block) { return Has(tensors, early.Dense(block, 1, 1)); });
  // In the first code the convolutions behind the doublings have numbers of that row, too; the last
  // one tells how many there are.
  layout.doublings = Count(kMostDoublings, [&](int number) {
    return names == RrdbLayout::Names::kEsrgan
               ? !Has(tensors, absl::StrCat("model.", 3 * number + 4))
               : Has(tensors, early.Doubling(number + 1));
  });
  const RrdbNames found(layout);
  DARKROOM_ASSIGN_OR_RETURN(const Channels first, FindConvolution(tensors, found.first));
  DARKROOM_ASSIGN_OR_RETURN(const Channels dense, FindConvolution(tensors, found.Dense(0, 1, 1)));
  DARKROOM_ASSIGN_OR_RETURN(const Channels last, FindConvolution(tensors, found.last));
  layout.unshuffle = SideOf(first.in);
  const bool squares = layout.unshuffle == 1 || layout.unshuffle == 2 || layout.unshuffle == 4;
  if (!squares || last.out != kColours) {
    return absl::InvalidArgumentError(
        absl::StrCat("it takes ", first.in, " channels and makes ", last.out,
                     ", which is no network for pictures of three colours"));
  }
  if (layout.blocks > kMostBlocks || layout.doublings > kMostDoublings) {
    return absl::InvalidArgumentError("it has too many blocks");
  }
  const int larger = 1 << layout.doublings;
  if (larger % layout.unshuffle != 0) {
    return absl::InvalidArgumentError("it makes pictures smaller");
  }
  const int scale = larger / layout.unshuffle;
  DARKROOM_RETURN_IF_ERROR(CheckSizes(scale, first.out, first.out + 4 * dense.out));
  layout.features = static_cast<int>(first.out);
  layout.growth = static_cast<int>(dense.out);
  return UpscalerLayout{
      .network = layout, .scale = scale, .operations_per_pixel = OperationsOf(layout)};
}

absl::StatusOr<UpscalerLayout> FindCompact(const Tensors& tensors) {
  const auto name = [](int number) { return absl::StrCat("body.", 2 * number); };
  const int all = Count(kMostBlocks, [&](int number) { return Has(tensors, name(number)); });
  if (all < 2 || all > kMostBlocks) {
    return absl::InvalidArgumentError("it has no number of convolutions that is known");
  }
  CompactLayout layout{.convolutions = all - 2};
  DARKROOM_ASSIGN_OR_RETURN(const Channels first, FindConvolution(tensors, name(0)));
  DARKROOM_ASSIGN_OR_RETURN(const Channels last, FindConvolution(tensors, name(all - 1)));
  layout.scale = SideOf(last.out);
  if (first.in != kColours || layout.scale == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("it takes ", first.in, " channels and makes ", last.out,
                     ", which is no network for pictures of three colours"));
  }
  DARKROOM_RETURN_IF_ERROR(CheckSizes(layout.scale, 1, first.out));
  layout.features = static_cast<int>(first.out);
  return UpscalerLayout{
      .network = layout, .scale = layout.scale, .operations_per_pixel = OperationsOf(layout)};
}

}  // namespace

absl::string_view UpscalerLayout::architecture() const {
  return std::holds_alternative<RrdbLayout>(network) ? "ESRGAN" : "Real-ESRGAN compact";
}

RrdbNames::RrdbNames(const RrdbLayout& layout) : names_(layout.names) {
  if (names_ == RrdbLayout::Names::kEsrgan) {
    first = "model.0";
    trunk_end = absl::StrCat("model.1.sub.", layout.blocks);
    high = absl::StrCat("model.", 3 * layout.doublings + 2);
    last = absl::StrCat("model.", 3 * layout.doublings + 4);
    return;
  }
  const bool bsrgan = names_ == RrdbLayout::Names::kBsrgan;
  first = "conv_first";
  trunk_end = bsrgan ? "trunk_conv" : "conv_body";
  high = bsrgan ? "HRconv" : "conv_hr";
  last = "conv_last";
}

std::string RrdbNames::Dense(int block, int dense, int convolution) const {
  switch (names_) {
    case RrdbLayout::Names::kEsrgan:
      return absl::StrCat("model.1.sub.", block, ".RDB", dense, ".conv", convolution, ".0");
    case RrdbLayout::Names::kBsrgan:
      return absl::StrCat("RRDB_trunk.", block, ".RDB", dense, ".conv", convolution);
    case RrdbLayout::Names::kBasicSr:
      return absl::StrCat("body.", block, ".rdb", dense, ".conv", convolution);
  }
  return "";
}

std::string RrdbNames::Doubling(int number) const {
  switch (names_) {
    case RrdbLayout::Names::kEsrgan:
      return absl::StrCat("model.", 3 * number);
    case RrdbLayout::Names::kBsrgan:
      return absl::StrCat("upconv", number);
    case RrdbLayout::Names::kBasicSr:
      return absl::StrCat("conv_up", number);
  }
  return "";
}

absl::StatusOr<UpscalerLayout> FindUpscalerLayout(const Tensors& tensors) {
  if (tensors.contains("model.0.weight") && tensors.contains("model.1.sub.0.RDB1.conv1.0.weight")) {
    return FindRrdb(tensors, RrdbLayout::Names::kEsrgan);
  }
  if (tensors.contains("RRDB_trunk.0.RDB1.conv1.weight")) {
    return FindRrdb(tensors, RrdbLayout::Names::kBsrgan);
  }
  if (tensors.contains("body.0.rdb1.conv1.weight")) {
    return FindRrdb(tensors, RrdbLayout::Names::kBasicSr);
  }
  if (tensors.contains("body.0.weight") && tensors.contains("body.1.weight")) {
    return FindCompact(tensors);
  }
  return absl::InvalidArgumentError(
      "it is no upscaler that is supported: no ESRGAN, BSRGAN, Real-ESRGAN or Real-ESRGAN compact");
}

absl::StatusOr<UpscalerLayout> ReadUpscalerLayout(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const SafetensorsHeader file, ReadSafetensorsHeader(path));
  absl::StatusOr<UpscalerLayout> layout = FindUpscalerLayout(file.tensors);
  if (layout.ok()) return layout;
  return absl::Status(layout.status().code(),
                      absl::StrCat(path.string(), ": ", layout.status().message()));
}

}  // namespace darkroom::diffusion
