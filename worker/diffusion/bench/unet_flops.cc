#include "worker/diffusion/bench/unet_flops.h"

#include <vector>

namespace darkroom::diffusion {
namespace {

// Multiplications, all of them.
double Convolution3x3(double in, double out, double pixels) { return 9 * in * out * pixels; }

double ResnetBlock(double in, double out, double pixels) {
  const double shortcut = in == out ? 0 : in * out * pixels;
  return Convolution3x3(in, out, pixels) + Convolution3x3(out, out, pixels) + shortcut;
}

double SpatialTransformer(double layers, double channels, double pixels, double tokens,
                          double context) {
  const double linear = channels * channels * pixels;
  const double projections = 2 * linear;
  const double self_attention = 4 * linear + 2 * pixels * pixels * channels;
  const double cross_attention =
      2 * linear + 2 * context * channels * tokens + 2 * pixels * tokens * channels;
  const double gated_feed_forward = 12 * linear;
  return projections + layers * (self_attention + cross_attention + gated_feed_forward);
}

// Walks the network as its forward does, with the skips on a stack.
class Walk {
 public:
  Walk(const UNetConfig& config, const BatchKey& key)
      : config_(config), height_(key.latent_height), width_(key.latent_width) {
    constexpr int kChunkTokens = 77;
    tokens_ = kChunkTokens * key.chunks;
  }

  double Multiplications() {
    const auto levels = static_cast<int>(config_.levels.size());
    channels_ = config_.levels[0].channels;
    total_ = Convolution3x3(config_.in_channels, channels_, pixels());
    skips_.push_back(channels_);
    for (int level = 0; level < levels; ++level) Down(level, level + 1 == levels);
    Resnet(channels_);
    Attention(levels - 1);
    Resnet(channels_);
    for (int level = levels - 1; level >= 0; --level) Up(level);
    return total_ + Convolution3x3(channels_, config_.out_channels, pixels());
  }

 private:
  struct Size {
    int height;
    int width;
  };

  double pixels() const { return static_cast<double>(height_) * width_; }

  void Resnet(int out, int skip = 0) {
    total_ += ResnetBlock(channels_ + skip, out, pixels());
    channels_ = out;
  }

  void Attention(int level) {
    total_ += SpatialTransformer(config_.levels[level].transformer_layers, channels_, pixels(),
                                 tokens_, config_.cross_attention_dim);
  }

  void Down(int level, bool last) {
    sizes_.push_back({.height = height_, .width = width_});
    for (int i = 0; i < config_.layers_per_block; ++i) {
      Resnet(config_.levels[level].channels);
      if (config_.levels[level].down_attention) Attention(level);
      skips_.push_back(channels_);
    }
    if (last) return;
    height_ = (height_ + 1) / 2;
    width_ = (width_ + 1) / 2;
    total_ += Convolution3x3(channels_, channels_, pixels());
    skips_.push_back(channels_);
  }

  void Up(int level) {
    for (int i = 0; i <= config_.layers_per_block; ++i) {
      const int skip = skips_.back();
      skips_.pop_back();
      Resnet(config_.levels[level].channels, skip);
      if (config_.levels[level].up_attention) Attention(level);
    }
    if (level == 0) return;
    height_ = sizes_[level - 1].height;
    width_ = sizes_[level - 1].width;
    total_ += Convolution3x3(channels_, channels_, pixels());
  }

  const UNetConfig& config_;
  int height_;
  int width_;
  int tokens_ = 0;
  int channels_ = 0;
  double total_ = 0;
  std::vector<int> skips_;
  std::vector<Size> sizes_;  // of each level
};

}  // namespace

double UNetFlops(const UNetConfig& config, const BatchKey& key) {
  return 2 * Walk(config, key).Multiplications();
}

}  // namespace darkroom::diffusion
