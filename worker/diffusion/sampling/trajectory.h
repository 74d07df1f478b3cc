#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_TRAJECTORY_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_TRAJECTORY_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// What a sampler waits for: the denoised prediction of the latent x [1, C, h, w], float32, which
// carries noise of standard deviation sigma.
struct DenoiserCall {
  at::Tensor x;
  double sigma = 0;
  // What the network is told, where that is not the model's own timestep of sigma.
  std::optional<double> timestep = {};
};

// The answer, shaped as x: what guidance makes of the network's predictions, and the one without a
// prompt, which is the same tensor where there is no guidance.
struct Prediction {
  at::Tensor denoised;
  at::Tensor uncond;
};

// A sampler in motion: a coroutine that is suspended at a `co_await Denoise(x, sigma)` until its
// owner has run that call, together with other images' calls, and resumes it with the answer.
//
//   Trajectory trajectory = Euler(context);
//   for (trajectory.Start(); !trajectory.done();) {
//     trajectory.Resume(denoiser(trajectory.call().x, trajectory.call().sigma));
//   }
//   Decode(trajectory.result());
//
// What the sampler throws leaves Start or Resume, and the trajectory is of no use any more.
// Destroying a suspended trajectory ends it. Movable, not thread-safe.
class Trajectory {
 public:
  class promise_type;

  Trajectory(Trajectory&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Trajectory& operator=(Trajectory&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Trajectory();

  // Runs up to the first call. Once, before anything else.
  void Start();
  bool done() const { return handle_.done(); }
  // The call it waits for; not when done.
  const DenoiserCall& call() const;
  // Hands in the answer to call() and runs up to the next call or the end.
  void Resume(Prediction prediction);
  // The same without guidance.
  void Resume(const at::Tensor& denoised) { Resume({.denoised = denoised, .uncond = denoised}); }
  // The final latent [1, C, h, w]; only when done.
  const at::Tensor& result() const;

 private:
  explicit Trajectory(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  void Run();

  std::coroutine_handle<promise_type> handle_;
};

class Trajectory::promise_type {
 public:
  Trajectory get_return_object() {
    return Trajectory(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  // Trajectory::Start runs the body: the caller holds the trajectory by then.
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_value(at::Tensor x) { result_ = std::move(x); }
  void unhandled_exception() { exception_ = std::current_exception(); }

 private:
  friend class Denoise;
  friend class Trajectory;

  DenoiserCall call_;
  Prediction prediction_;
  at::Tensor result_;
  std::exception_ptr exception_;
};

// `Tensor denoised = co_await Denoise(x, sigma);` inside a sampler. Has a constructor on purpose:
// g++ 12 miscompiles an aggregate temporary in co_await.
class Denoise {
 public:
  Denoise(at::Tensor x, double sigma, std::optional<double> timestep = {})
      : call_{.x = std::move(x), .sigma = sigma, .timestep = timestep} {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Trajectory::promise_type> handle) noexcept {
    promise_ = &handle.promise();
    promise_->call_ = std::move(call_);
  }
  at::Tensor await_resume() { return TakePrediction().denoised; }

 protected:
  Prediction TakePrediction() { return std::move(promise_->prediction_); }

 private:
  DenoiserCall call_;
  Trajectory::promise_type* promise_ = nullptr;
};

// `auto [denoised, uncond] = co_await DenoiseBoth(x, sigma);` where a sampler needs the
// unconditional prediction as well.
class DenoiseBoth : public Denoise {
 public:
  using Denoise::Denoise;

  Prediction await_resume() { return TakePrediction(); }
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_TRAJECTORY_H_
