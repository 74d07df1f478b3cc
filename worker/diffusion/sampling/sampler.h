#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "worker/diffusion/sampling/brownian_tree.h"
#include "worker/diffusion/sampling/noise_generator.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/sampler_state.h"
#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

// What a request may say about its sampler's noise; the defaults are AUTOMATIC1111's. A sampler
// takes those that AUTOMATIC1111 hands it.
struct SamplerOptions {
  // How much of the noise that a step removes is put back, 0 to 1: by ancestral and SDE samplers
  // and DDIM. naming::SamplerName::default_eta is a
  // sampler's default.
  double eta = 1;
  // Euler, Heun and DPM2 ("churn"): noise added before each step that begins in [s_tmin, s_tmax].
  double s_churn = 0;
  double s_tmin = 0;
  double s_tmax = std::numeric_limits<double>::infinity();
  // A factor of the noise that a step adds.
  double s_noise = 1;
};

// A picture that a sampler begins with in place of noise alone.
struct InitLatent {
  at::Tensor latent;       // [1, 4, height, width] float32, on the device
  int steps = 0;           // that the whole schedule is laid out for; sigmas are the rest of it
  int encoded_steps = 0;   // naming::EncodedSteps
  double first_sigma = 0;  // of the whole schedule
  // [1, 1, height, width] float32, alike: 1 where it is made anew, 0 where it stays, and between
  // the two in soft inpainting. Undefined: all is made anew. Samplers do not look at it.
  at::Tensor renewed = {};
};

// What the sampler of one image is given.
struct SamplerInput {
  std::vector<double> sigmas;                 // as ResolveSigmas returns them
  std::unique_ptr<NoiseGenerator> generator;  // of the first noise and of the steps'
  // Of SDE samplers' noise, which is a Brownian motion of its own.
  NoiseSource noise_source = NoiseSource::kPhilox;
  std::uint64_t seed = 0;
  SamplerOptions options = {};
  int height = 0;  // of the latent
  int width = 0;
  at::Device device = at::kCPU;
  std::optional<InitLatent> init = {};
};

// Everything a sampler of one image works with. It belongs to one trajectory, outlives it, and is
// not copied or moved while the trajectory lives.
class SamplerContext {
 public:
  // `model` outlives the context. Draws the first noise, [1, 4, height, width] float32, on the CPU
  // and keeps it on the device.
  SamplerContext(const NoiseSchedule& model, SamplerInput input);
  SamplerContext(const SamplerContext&) = delete;
  SamplerContext& operator=(const SamplerContext&) = delete;

  int steps() const { return static_cast<int>(input_.sigmas.size()) - 1; }
  const std::vector<double>& sigmas() const { return input_.sigmas; }
  const NoiseSchedule& model() const { return model_; }
  const SamplerOptions& options() const { return input_.options; }

  // The first draw: standard normal, not yet scaled to the first sigma.
  const at::Tensor& initial_noise() const { return initial_noise_; }
  // Null where there is no picture to begin with.
  const InitLatent* init() const { return input_.init.has_value() ? &*input_.init : nullptr; }
  // What a sampler over sigmas begins with: the first draw at this deviation, on top of the picture
  // where there is one.
  at::Tensor NoisedTo(double sigma) const;
  // Between which DPM fast and DPM adaptive choose their own sigmas: the model's ends, or those of
  // what a picture leaves of the schedule.
  double highest_sigma() const;
  double lowest_sigma() const;
  // The next draw, shaped alike.
  at::Tensor StepNoise();
  // Passes over a draw that the reference makes without using it: later ones are then the same.
  // Free unless there are any.
  void SkipStepNoise() { ++draws_; }
  // Standard normal as well: the increment of a Brownian motion from sigma down to sigma_next, over
  // the root of the distance, with k-diffusion's sign. Which intervals were asked for before does
  // not matter.
  at::Tensor BrownianNoise(double sigma, double sigma_next);

  // What the sampler carries from one round of its loop to the next, tensors shaped as x and
  // numbers: once, before the loop, with variables that live as long as the trajectory. Where that
  // goes on from a state they are set to what they were in it. Returns how many rounds are done.
  template <typename... Values>
  int Carry(Values&... values) {
    (Carried(values), ...);
    return Recall();
  }

  // Samplers report each step they have finished at the end of a round.
  void StepDone();
  // Or, where they do not make exactly steps() steps, their share of the way, rising to 1.
  void ShareDone(double share);
  // One within a round, which a trajectory cannot go on from.
  void PartDone() { ++steps_done_; }
  int steps_done() const { return steps_done_; }

  // As the last round left it; its tensors are not changed later.
  const SamplerState& state() const { return state_; }
  // Before the trajectory starts: it goes on from where another one of the same input was. status()
  // is DATA_LOSS once it has started if its sampler does not carry such a state.
  void GoOnFrom(SamplerState state) { state_ = std::move(state); }

  // A sampler that cannot go on says why and returns anything.
  void Fail(absl::Status why) { status_ = std::move(why); }
  const absl::Status& status() const { return status_; }

 private:
  at::Tensor Draw();
  void Carried(at::Tensor& tensor) { tensors_.push_back(&tensor); }
  void Carried(double& number) { numbers_.push_back(&number); }
  int Recall();
  void EndRound();

  const NoiseSchedule& model_;
  const SamplerInput input_;
  const at::Tensor initial_noise_;
  std::int64_t draws_ = 0;                     // of step noise, used or passed over
  std::int64_t drawn_ = 0;                     // of these, by the generator
  std::optional<BrownianTree> brownian_tree_;  // from the first use
  std::vector<at::Tensor*> tensors_;           // the sampler's variables, as carried
  std::vector<double*> numbers_;
  SamplerState state_;
  int steps_done_ = 0;
  absl::Status status_;
};

// A sampler: from ctx.initial_noise() to a latent without noise. The coroutine keeps a reference to
// the context.
using SamplerFunction = Trajectory (*)(SamplerContext& ctx);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_
