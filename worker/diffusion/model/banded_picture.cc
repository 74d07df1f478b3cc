#include "worker/diffusion/model/banded_picture.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "ATen/ops/cat.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kRowsDimension = 2;
constexpr std::int64_t kReach = BandedPicture::kReach;

at::Tensor FirstRows(const at::Tensor& band) { return band.narrow(kRowsDimension, 0, kReach); }

at::Tensor LastRows(const at::Tensor& band) {
  return band.narrow(kRowsDimension, band.size(kRowsDimension) - kReach, kReach);
}

// The rows next to a picture's ends: undefined where there is nothing.
struct Ends {
  at::Tensor above, below;
};

Ends EndsOf(const std::vector<at::Tensor>& bands) {
  if (PaddingModeScope::current() == PaddingMode::kZeros) return {};
  return {.above = LastRows(bands.back()).clone(), .below = FirstRows(bands.front()).clone()};
}

// What the operation makes of a band between rows of its neighbours, which are undefined at the
// picture's ends.
at::Tensor Compute(const at::Tensor& above, const at::Tensor& band, const at::Tensor& below,
                   BandedPicture::Operation operation) {
  std::vector<at::Tensor> parts;
  if (above.defined()) parts.push_back(above);
  parts.push_back(band);
  if (below.defined()) parts.push_back(below);
  const at::Tensor rows = parts.size() == 1 ? band : at::cat(parts, kRowsDimension);
  const at::Tensor made = operation(rows);
  const auto to_made = [&](std::int64_t count) {
    return count * made.size(kRowsDimension) / rows.size(kRowsDimension);
  };
  return made.narrow(kRowsDimension, to_made(above.defined() ? kReach : 0),
                     to_made(band.size(kRowsDimension)));
}

}  // namespace

std::int64_t LatentRowsOfBand(std::int64_t latent_width, std::int64_t scale) {
  constexpr std::int64_t kPixels = std::int64_t{1} << 17;
  return std::max(kReach, kPixels / (scale * scale * latent_width));
}

BandedPicture::BandedPicture(const at::Tensor& whole, std::int64_t rows) {
  const std::int64_t height = whole.size(kRowsDimension);
  const std::int64_t count = std::max<std::int64_t>(height / rows, 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t end = i + 1 == count ? height : (i + 1) * rows;
    bands_.push_back(whole.narrow(kRowsDimension, i * rows, end - i * rows));
  }
}

GroupSums BandedPicture::Sum(const Ops& ops, int groups, Operation operation) const {
  GroupSums sums;
  const Ends ends = EndsOf(bands_);
  for (std::size_t i = 0; i < bands_.size(); ++i) {
    const at::Tensor above = i > 0 ? LastRows(bands_[i - 1]) : ends.above;
    const at::Tensor below = i + 1 < bands_.size() ? FirstRows(bands_[i + 1]) : ends.below;
    ops.AddTo(&sums, Compute(above, bands_[i], below, operation), groups);
  }
  return sums;
}

void BandedPicture::Apply(Operation operation) {
  const Ends ends = EndsOf(bands_);
  at::Tensor above = ends.above;
  for (std::size_t i = 0; i < bands_.size(); ++i) {
    const at::Tensor below = i + 1 < bands_.size() ? FirstRows(bands_[i + 1]) : ends.below;
    // Copies, so that nothing holds the memory of the band before and of what was cut off.
    at::Tensor next_above = i + 1 < bands_.size() ? LastRows(bands_[i]).clone() : at::Tensor();
    bands_[i] = Compute(above, bands_[i], below, operation).clone();
    above = std::move(next_above);
  }
}

void BandedPicture::Apply(const ResnetBlock& resnet, const Ops& ops, Operation before) {
  const GroupSums first = Sum(ops, resnet.groups(), before);
  const GroupSums second = Sum(ops, resnet.groups(), [&](const at::Tensor& rows) {
    return resnet.Begin(before(rows), first);
  });
  Apply([&](const at::Tensor& rows) {
    const at::Tensor x = before(rows);
    return resnet.Finish(x, resnet.Begin(x, first), second);
  });
}

at::Tensor BandedPicture::Whole() const { return at::cat(bands_, kRowsDimension); }

}  // namespace darkroom::diffusion
