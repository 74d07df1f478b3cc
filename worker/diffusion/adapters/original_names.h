#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ORIGINAL_NAMES_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ORIGINAL_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::diffusion {

// What the modules of a UNet are called in the original implementation (CompVis/latent-diffusion,
// openaimodel.py), where blocks are numbered through: diffusers'
// "down_blocks.1.attentions.0.proj_in" is "input_blocks.4.1.proj_in". The inverse of what
// diffusers' convert_ldm_unet_checkpoint does.
class OriginalUNetNames {
 public:
  // `names`: of all modules of the UNet, in diffusers' spelling. They tell how many layers a block
  // has, and which levels have attention.
  explicit OriginalUNetNames(absl::Span<const std::string> names);

  // Empty for a module that the original does not have.
  std::string Of(absl::string_view name) const;

 private:
  std::string OfBlock(const std::vector<std::string>& parts) const;

  int layers_ = 0;                  // resnets of a block on the way down
  std::vector<bool> up_attention_;  // by block on the way up
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ORIGINAL_NAMES_H_
