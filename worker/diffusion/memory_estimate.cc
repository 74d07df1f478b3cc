#include "worker/diffusion/memory_estimate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kGuidedRows = 2;
constexpr std::int64_t kFloatBytes = 4;
// What is small and not followed: noise, texts, sums, scratch memory.
constexpr std::int64_t kRest = std::int64_t{32} << 20;

// Walks the UNet as its forward does, with the skips on a stack.
class Walk {
 public:
  Walk(const UNetConfig& config, const BatchKey& key, std::int64_t rows)
      : config_(config),
        height_(key.latent_height),
        width_(key.latent_width),
        rows_(rows),
        copies_(key.tiling ? 1 : 0) {}

  // In elements.
  std::int64_t Widest() {
    channels_ = config_.levels.front().channels;
    Push();
    const std::size_t levels = config_.levels.size();
    for (std::size_t level = 0; level < levels; ++level) Down(level);
    Block(channels_, channels_, true, 0);
    for (std::size_t level = levels; level-- > 0;) Up(level);
    return widest_;
  }

 private:
  struct Size {
    std::int64_t height;
    std::int64_t width;
  };

  std::int64_t Elements(std::int64_t channels) const { return rows_ * height_ * width_ * channels; }

  void Push() {
    skips_.push_back(channels_);
    held_ += Elements(channels_);
  }

  // A resnet and the transformer behind it; `beside`: elements that are held while they run.
  void Block(std::int64_t in, std::int64_t out, bool attention, std::int64_t beside) {
    constexpr std::int64_t kTaps = 9;
    // Its input, that normed, its output; then the input, two of the output and the shortcut's.
    const std::int64_t resnet = std::max((2 + copies_) * in + out, in + (3 + copies_) * out);
    Note(beside + Elements(resnet) + kTaps * in * out);
    // Input, tokens, those normed, four times as many inside the gate.
    if (attention) Note(beside + Elements(7 * out));
    channels_ = out;
  }

  void Note(std::int64_t elements) { widest_ = std::max(widest_, held_ + elements); }

  void Down(std::size_t level) {
    sizes_.push_back({.height = height_, .width = width_});
    const int out = config_.levels[level].channels;
    for (int i = 0; i < config_.layers_per_block; ++i) {
      Block(channels_, out, config_.levels[level].down_attention, 0);
      Push();
    }
    if (level + 1 == config_.levels.size()) return;
    height_ = (height_ + 1) / 2;
    width_ = (width_ + 1) / 2;
    Push();
  }

  void Up(std::size_t level) {
    const int out = config_.levels[level].channels;
    for (int i = 0; i <= config_.layers_per_block; ++i) {
      const std::int64_t skip = skips_.back();
      skips_.pop_back();
      Block(channels_ + skip, out, config_.levels[level].up_attention, Elements(channels_));
      held_ -= Elements(skip);
    }
    if (level == 0) return;
    height_ = sizes_[level - 1].height;
    width_ = sizes_[level - 1].width;
    Note(Elements((2 + copies_) * channels_));
  }

  const UNetConfig& config_;
  std::int64_t height_;
  std::int64_t width_;
  const std::int64_t rows_;
  const std::int64_t copies_;  // of what a convolution pads
  std::int64_t channels_ = 0;
  std::int64_t held_ = 0;  // by the skips
  std::int64_t widest_ = 0;
  std::vector<std::int64_t> skips_;
  std::vector<Size> sizes_;  // of each level
};

// Of the finest resnet that has more channels before than after: its input, that normed, its
// output.
std::int64_t WidestChannels(const VaeConfig& config) {
  const std::vector<int>& channels = config.block_out_channels;
  const std::int64_t in = channels.size() > 1 ? channels[1] : channels[0];
  return 2 * in + channels[0];
}

// The largest multiple of `unit` up to `most` that fits, where all below it fit too.
template <typename Fits>
std::int64_t LargestFitting(std::int64_t most, std::int64_t unit, const Fits& fits) {
  std::int64_t low = 0;
  std::int64_t high = most / unit;
  while (low < high) {
    const std::int64_t middle = high - (high - low) / 2;
    if (fits(middle * unit)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low * unit;
}

}  // namespace

std::int64_t UNetBytes(const UNetConfig& config, const BatchKey& key, int rows, int element_bytes) {
  return kRest + element_bytes * Walk(config, key, rows).Widest();
}

std::int64_t VaeBytes(const VaeConfig& config, std::int64_t pixels, std::int64_t whole_pixels) {
  const std::int64_t widest = WidestChannels(config);
  // Of the result and its copies on the way to bytes.
  constexpr std::int64_t kPixelBytes = 4 * 3 * kFloatBytes;
  if (pixels <= whole_pixels) return kRest + pixels * (widest * kFloatBytes + kPixelBytes);
  // One picture of the finest level, and a band with its neighbours' rows (BandedPicture).
  constexpr std::int64_t kBandPixels = std::int64_t{1} << 17;
  const std::int64_t band = kBandPixels * 5 / 4 * widest * kFloatBytes;
  // Attention holds six tensors of the coarsest level's channels.
  const std::int64_t coarsest = 8 * kFloatBytes * config.block_out_channels.back() /
                                (std::int64_t{config.scale()} * config.scale());
  const std::int64_t finest = config.block_out_channels.front() * kFloatBytes + kPixelBytes;
  return kRest + band + pixels * std::max(coarsest, finest);
}

std::int64_t JobBytes(const ModelConfig& config, std::int64_t pixels, std::int64_t whole_pixels,
                      int element_bytes) {
  const auto side =
      static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pixels)) / config.vae.scale()));
  const BatchKey key{.latent_height = side, .latent_width = side};
  return std::max(UNetBytes(config.unet, key, kGuidedRows, element_bytes),
                  VaeBytes(config.vae, pixels, whole_pixels));
}

std::int64_t PixelsWithin(const ModelConfig& config, std::int64_t most, std::int64_t whole_pixels,
                          int element_bytes, std::int64_t bytes) {
  const std::int64_t unit = std::int64_t{config.vae.scale()} * config.vae.scale();
  const auto fits = [&](std::int64_t pixels) {
    return JobBytes(config, pixels, whole_pixels, element_bytes) <= bytes;
  };
  // Each way through the VAE takes more for more pixels, but bands take less than a whole picture.
  const std::int64_t whole = std::min(most, whole_pixels) / unit * unit;
  const std::int64_t as_whole = LargestFitting(whole, unit, fits);
  return as_whole < whole ? as_whole : LargestFitting(most, unit, fits);
}

}  // namespace darkroom::diffusion
