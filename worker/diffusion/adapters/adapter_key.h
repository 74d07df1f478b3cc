#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_KEY_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_KEY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/adapters/module_index.h"

namespace darkroom::diffusion {

// The name of a tensor in an adapter file: which module it belongs to, and what of the module's
// adapter it is. Trainers spell both in their own ways:
//   kohya-ss     lora_unet_mid_block_attentions_0_proj_in.lora_down.weight
//   PEFT         base_model.model.mid_block.attentions.0.proj_in.lora_A.weight
//   diffusers    unet.mid_block.attentions.0.proj_in.lora.down.weight
//                unet.….attn1.processor.to_q_lora.down.weight
//                text_encoder.….mlp.fc1.lora_linear_layer.down.weight
struct AdapterKey {
  std::optional<Component> component;  // absent where the key does not say
  std::string path;                    // for ModuleIndex::Find
  // One name a meaning: "lora_up", "lora_down", "lora_mid", "hada_w1_a" ..., "lokr_w1" ..., "diff",
  // "diff_b", "alpha", "dora_scale" or "lora_magnitude_vector".
  std::string field;
};

// INVALID_ARGUMENT says which kind of adapter the tensor belongs to where that kind is known but
// not supported, and else that it belongs to none.
absl::StatusOr<AdapterKey> ParseAdapterKey(absl::string_view key);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_KEY_H_
