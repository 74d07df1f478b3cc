#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/guidance/guidance.h"
#include "worker/diffusion/guidance/latent_mask.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/trajectory.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// One image's part of a batch. What it points to outlives the call.
struct GuidedCall {
  const DenoiserCall* call = nullptr;
  const Guidance* guidance = nullptr;
  int number = 0;  // of the call in its trajectory, from 0
  // Null where all of the picture is made anew.
  const LatentMask* mask = nullptr;
  // [1, C, h, w] float32: what the network is shown behind the latent. Null, or undefined, where it
  // takes the latent alone.
  const at::Tensor* picture = nullptr;
};

// The denoiser that samplers call, over a network and many images at once.
class GuidedDenoiser {
 public:
  // As UNet::Forward: sample [R, 4 + C, h, w], R timesteps, R rows of conditioning, the adapters of
  // R rows or null; [R, 4, h, w] float32.
  using Network = std::function<at::Tensor(const at::Tensor&, absl::Span<const double>,
                                           const Conditioning&, const RowAdapters*)>;

  // `schedule` outlives the denoiser.
  GuidedDenoiser(Network network, const NoiseSchedule& schedule, PredictionType prediction)
      : network_(std::move(network)), schedule_(schedule), prediction_(prediction) {}

  // Runs all calls: every part of their prompts and the unconditional halves of those that use one
  // are rows of one forward for each length of context among them, or of several where they are
  // more than `max_forward_rows` ≥ 1. Latents have equal shapes; everything else is a row's own.
  // Predictions [calls, 4, h, w], float32 and contiguous, in order; a call that uses no
  // unconditional half has the same twice. A call's depends on that call alone as far as the
  // network's rows do.
  Prediction Denoise(absl::Span<const GuidedCall> calls,
                     std::size_t max_forward_rows = std::numeric_limits<std::size_t>::max()) const;

 private:
  struct Row {
    const DenoiserCall* call = nullptr;
    Conditioning conditioning;
    absl::Span<const RowAdapters::Use> adapters;
    at::Tensor picture = {};
  };

  // The rows of one call, which is shown to the network as `shown`.
  std::vector<Row> RowsOf(const GuidedCall& call, const DenoiserCall& shown) const;

  // What the network is told.
  double Timestep(const DenoiserCall& call) const;
  // The denoised prediction of every row, [1, 4, h, w].
  std::vector<at::Tensor> Predict(absl::Span<const Row> rows, std::size_t max_forward_rows) const;
  // The same of rows that fit into one forward: [rows, 4, h, w].
  at::Tensor Forward(absl::Span<const Row* const> rows) const;

  const Network network_;
  const NoiseSchedule& schedule_;
  const PredictionType prediction_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDED_DENOISER_H_
