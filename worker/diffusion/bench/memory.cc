#include "worker/diffusion/bench/memory.h"

#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/ops/empty.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "c10/core/InferenceMode.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/model/unet.h"
#include "worker/diffusion/model/vae.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/ops/tensor_memory.h"
#include "worker/diffusion/weights/random_weights.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Noise(at::IntArrayRef shape) {
  return at::empty(shape, at::kFloat).normal_(0, 1, at::detail::createCPUGenerator(1));
}

PartUse UseOf(absl::FunctionRef<void()> call) {
  const absl::Time start = absl::Now();
  const TensorMemory memory;
  call();
  return {.bytes = memory.peak(), .time = absl::Now() - start};
}

absl::StatusOr<PartUse> MeasureUNet(const ModelConfig& config, const PartCall& call,
                                    const Ops& ops) {
  RandomModelWeights weights(0);
  LoadedModules modules;
  const at::TensorOptions options =
      at::TensorOptions().dtype(call.bfloat16 ? at::kBFloat16 : at::kFloat);
  DARKROOM_ASSIGN_OR_RETURN(
      const UNet unet, LoadPart<UNet>(weights, "unet", options, [&](const WeightScope& scope) {
        return UNet::Load(config.unet, NetworkScope(scope, Component::kUNet, &modules), &ops);
      }));
  constexpr int kChunkTokens = 77;
  const int scale = config.vae.scale();
  const at::Tensor sample =
      Noise({call.rows, config.unet.in_channels, call.height / scale, call.width / scale});
  const at::Tensor context =
      Noise({call.rows, kChunkTokens, config.unet.cross_attention_dim}).to(options);
  const int added = config.unet.projection_class_embeddings_input_dim;
  const at::Tensor vector = added > 0 ? Noise({call.rows, added}).to(options) : at::Tensor();
  const std::vector<double> timesteps(static_cast<std::size_t>(call.rows), 500);
  return UseOf([&] { unet.Forward(sample, timesteps, context, vector); });
}

absl::StatusOr<PartUse> MeasureVae(const ModelConfig& config, const PartCall& call,
                                   const Ops& ops) {
  RandomModelWeights weights(0);
  DARKROOM_ASSIGN_OR_RETURN(
      const Vae vae,
      LoadPart<Vae>(
          weights, "vae", at::TensorOptions().dtype(at::kFloat), [&](const WeightScope& scope) {
            return Vae::Load(config.vae, scope, &ops,
                             call.vae_whole_pixels > 0 ? call.vae_whole_pixels : kVaeWholePixels);
          }));
  const int scale = config.vae.scale();
  if (call.part == "encode") {
    const at::Tensor pixels = Noise({1, config.vae.in_channels, call.height, call.width});
    return UseOf([&] { vae.Encode(pixels); });
  }
  const at::Tensor latents =
      Noise({1, config.vae.latent_channels, call.height / scale, call.width / scale});
  return UseOf([&] { vae.Decode(latents); });
}

}  // namespace

absl::StatusOr<PartUse> MeasurePart(const ModelConfig& config, const PartCall& call) {
  const c10::InferenceMode inference;
  const CpuOps ops;
  if (call.part == "unet") return MeasureUNet(config, call, ops);
  if (call.part == "decode" || call.part == "encode") return MeasureVae(config, call, ops);
  return absl::InvalidArgumentError(
      absl::StrCat("'", call.part, "' is not unet, decode or encode"));
}

}  // namespace darkroom::diffusion
