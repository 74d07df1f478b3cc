#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_DIFFUSION_MODEL_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_DIFFUSION_MODEL_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/adapters/module_index.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/model/unet.h"
#include "worker/diffusion/model/vae.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/text/text_encoders.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/model_weights.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

struct LoadOptions {
  std::string device = "cpu";  // "cpu", "cuda" or "cuda:N"
  // Of the text model and the UNet: float32, float16 or bfloat16; a CPU takes float32 and
  // bfloat16.
  at::ScalarType dtype = at::kFloat;
  // Pictures of more pixels go through the VAE in bands.
  std::int64_t vae_whole_pixels = kVaeWholePixels;
};

// INVALID_ARGUMENT when there is no such device, or it does not compute in this format. Whether
// this machine has the device shows when a model is loaded.
absl::Status CheckDevice(absl::string_view device, at::ScalarType dtype);

// A model of any family, all parts on one device. Everything runs under a c10::InferenceMode that
// the caller sets, Load included. Used by one thread at a time.
class DiffusionModel {
 public:
  // A model folder in the diffusers layout. INVALID_ARGUMENT names the file and the key or tensor
  // that is missing, of another shape, unknown or unsupported; NOT_FOUND names a missing file.
  static absl::StatusOr<std::unique_ptr<DiffusionModel>> Load(const std::filesystem::path& folder,
                                                              const LoadOptions& options);

  // Random weights, the same for the same seed, and a tokenizer of bytes: for measurements.
  static absl::StatusOr<std::unique_ptr<DiffusionModel>> Random(const ModelConfig& config,
                                                                std::uint64_t seed,
                                                                const LoadOptions& options);

  // Of parts from elsewhere; `tokenizers` as TextEncoders::Load takes them.
  static absl::StatusOr<std::unique_ptr<DiffusionModel>> Assemble(
      ModelConfig config, std::vector<tokenizer::ClipTokenizer> tokenizers, ModelWeights& weights,
      const LoadOptions& options);

  const ModelConfig& config() const { return config_; }
  TextEncoders& text() { return *text_; }
  const UNet& unet() const { return *unet_; }
  // In float16 where the model computes in less than float32 on a GPU, else in float32: bfloat16
  // would show in the bytes of a picture.
  const Vae& vae() const { return *vae_; }
  // In float32: for what overflows in vae(), as AUTOMATIC1111 reverts it then. The config's
  // force_upcast is not asked: folders that were saved by newer diffusers all say true.
  const Vae& exact_vae() const { return exact_vae_ == nullptr ? *vae_ : *exact_vae_; }
  // Everything that adapters change, by the places that networks have it under.
  const ModuleIndex& modules() const { return *modules_; }
  // An adapter file, read and made ready for this model. `name`: as AdapterBranches has it.
  // INVALID_ARGUMENT as AdapterSet::Load.
  absl::StatusOr<std::shared_ptr<const AdapterBranches>> LoadAdapters(std::string name,
                                                                      SafetensorsFile file) const;

  at::Device device() const { return device_; }
  at::ScalarType dtype() const { return dtype_; }

 private:
  DiffusionModel(ModelConfig config, at::Device device, at::ScalarType dtype);

  ModelConfig config_;
  at::Device device_;
  at::ScalarType dtype_;
  std::unique_ptr<const Ops> ops_;
  std::unique_ptr<TextEncoders> text_;
  std::unique_ptr<const UNet> unet_;
  std::unique_ptr<const Vae> vae_;
  std::unique_ptr<const Vae> exact_vae_;  // null where vae_ is float32
  std::unique_ptr<const ModuleIndex> modules_;
  std::vector<Placement> placements_;  // by module
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_DIFFUSION_MODEL_H_
