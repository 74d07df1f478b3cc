#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_LAYOUT_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_LAYOUT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// What a single-file checkpoint is, told by the names and shapes of its tensors alone. These files
// have all parts of a model under the names of the code that trained it: CompVis/stable-diffusion
// and Stability-AI/stablediffusion, or Stability-AI/generative-models for SDXL.

// How the tensors of a part are named below its prefix.
enum class PartNaming {
  kUNet,       // openaimodel.py: input_blocks, middle_block, output_blocks
  kVae,        // autoencoder.py: encoder.down, decoder.up, mid.attn_1
  kDiffusers,  // as the models ask for them
  kClip,       // transformers' CLIPTextModel, with or without "text_model." in front
  kOpenClip,   // mlfoundations/open_clip: transformer.resblocks, in_proj_weight
};

struct CheckpointPart {
  PartNaming naming = PartNaming::kUNet;
  std::string prefix;  // of its tensors, up to and with the last dot
};

struct CheckpointLayout {
  ModelFamily family = ModelFamily::kSd1;
  CheckpointPart unet;
  std::vector<CheckpointPart> text_encoders;  // in the order of ModelConfig::text_encoders
  std::optional<CheckpointPart> vae;          // some files have none
  // The file carries the marker tensors "v_pred" and "ztsnr" (AUTOMATIC1111 PR 16567).
  bool marked_v_prediction = false;
  bool marked_zero_terminal_snr = false;
};

// INVALID_ARGUMENT says what the file looks like instead: a LoRA, an embedding, a VAE, a
// ControlNet, a model of another architecture. The message does not name the file.
absl::StatusOr<CheckpointLayout> IdentifyCheckpoint(const SafetensorsFile::Tensors& tensors);

// Of a file that holds a VAE alone, or a checkpoint's.
absl::StatusOr<CheckpointPart> IdentifyVae(const SafetensorsFile::Tensors& tensors);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_LAYOUT_H_
