#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_LAYOUT_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_LAYOUT_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// Networks that enlarge pictures, told by the names and shapes of their tensors, as spandrel tells
// them (spandrel/architectures/ESRGAN and Compact).

// RRDBNet: ESRGAN (Wang 2018), BSRGAN (Zhang 2021), Real-ESRGAN (Wang 2021).
struct RrdbLayout {
  // Who named the tensors.
  enum class Names {
    kEsrgan,  // "model.0", "model.1.sub.0.RDB1.conv1.0": the first code, "old architecture"
    kBsrgan,  // "conv_first", "RRDB_trunk.0.RDB1.conv1", "upconv1": "new architecture"
    kBasicSr  // "conv_first", "body.0.rdb1.conv1", "conv_up1": Real-ESRGAN's
  };
  Names names = Names::kEsrgan;
  int features = 0;   // channels of the trunk
  int growth = 0;     // channels that each convolution of a dense block adds
  int blocks = 0;     // of three dense blocks each
  int doublings = 0;  // at its end, 0 to 3
  int unshuffle = 1;  // side of the squares of pixels that become channels at first: 1, 2 or 4
};

// SRVGGNetCompact: the small networks of Real-ESRGAN.
struct CompactLayout {
  int features = 0;
  int convolutions = 0;  // between the first and the last
  int scale = 1;
};

struct UpscalerLayout {
  std::variant<RrdbLayout, CompactLayout> network;
  int scale = 1;  // how many times as wide and high it makes a picture: 1 to 8
  // Multiply-adds for each pixel of the picture that it is given.
  std::int64_t operations_per_pixel = 0;

  absl::string_view architecture() const;  // for people: "ESRGAN", "Real-ESRGAN compact"
};

// INVALID_ARGUMENT says what makes the file none: tensors of another kind of network, a network for
// grey pictures, one too wide for the memory that a tile may take.
absl::StatusOr<UpscalerLayout> FindUpscalerLayout(const SafetensorsFile::Tensors& tensors);

// Of the header of a file. NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT name it and what is
// wrong.
absl::StatusOr<UpscalerLayout> ReadUpscalerLayout(const std::filesystem::path& path);

// Where RRDBNet's convolutions are, each without ".weight" and ".bias".
struct RrdbNames {
  explicit RrdbNames(const RrdbLayout& layout);

  // `block` from 0, `dense` 1 to 3, `convolution` 1 to 5.
  std::string Dense(int block, int dense, int convolution) const;
  std::string Doubling(int number) const;  // from 1

  std::string first;
  std::string trunk_end;
  std::string high;  // at the size of the result
  std::string last;

 private:
  RrdbLayout::Names names_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_UPSCALER_LAYOUT_H_
