#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_NAMES_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_NAMES_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/checkpoint_layout.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// Where a single-file checkpoint keeps what the models ask for under diffusers' names. The inverse
// of diffusers' loaders/single_file_utils.py.

struct StoredName {
  std::string name;         // with the part's prefix
  int third = -1;           // of its rows: 0 query, 1 key, 2 value; -1: the whole tensor
  bool transposed = false;  // [in, out], where the models ask for [out, in]
};

class CheckpointNames {
 public:
  // The config numbers the blocks of UNet and VAE. `text_layers`: of the part, where it is a text
  // encoder.
  CheckpointNames(CheckpointPart part, const ModelConfig& config, int text_layers)
      : part_(std::move(part)),
        unet_(config.unet),
        vae_levels_(static_cast<int>(config.vae.block_out_channels.size())),
        text_layers_(text_layers) {}

  const std::string& prefix() const { return part_.prefix; }

  // Of a diffusers name, such as "down_blocks.0.resnets.1.conv1.weight". Absent where no part of
  // this naming has such a tensor.
  std::optional<StoredName> Find(absl::string_view asked) const;

  // True for a tensor of the part that no model asks for and files carry all the same: positions,
  // losses, the layers of SD 2's text encoder behind the one that is used. Names have the prefix.
  bool MayBeLeft(absl::string_view name) const;

 private:
  CheckpointPart part_;
  UNetConfig unet_;
  int vae_levels_;
  int text_layers_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_NAMES_H_
