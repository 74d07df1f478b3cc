#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

Trajectory::~Trajectory() {
  if (handle_) handle_.destroy();
}

void Trajectory::Start() { Run(); }

const DenoiserCall& Trajectory::call() const { return handle_.promise().call_; }

void Trajectory::Resume(Prediction prediction) {
  handle_.promise().prediction_ = std::move(prediction);
  Run();
}

const at::Tensor& Trajectory::result() const { return handle_.promise().result_; }

void Trajectory::Run() {
  handle_.resume();
  if (handle_.promise().exception_) std::rethrow_exception(handle_.promise().exception_);
}

}  // namespace darkroom::diffusion
