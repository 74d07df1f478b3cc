#include "worker/diffusion/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"

namespace darkroom::diffusion {
namespace {

// Floats of a latent on the CPU.
absl::Span<float> Values(const at::Tensor& tensor) {
  return {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

SamplerContext::SamplerContext(const NoiseSchedule& model, SamplerInput input)
    : model_(model), input_(std::move(input)), initial_noise_(Draw()) {}

at::Tensor SamplerContext::NoisedTo(double sigma) const {
  at::Tensor noise = initial_noise_ * sigma;
  return input_.init.has_value() ? input_.init->latent + noise : noise;
}

double SamplerContext::highest_sigma() const {
  return input_.init.has_value() ? sigmas().front() : model_.sigma_max();
}

// The last is 0, which they cannot reach. Where a single one is before it, which the reference
// refuses, the way is down to the model's end.
double SamplerContext::lowest_sigma() const {
  const bool partial = input_.init.has_value() && sigmas().size() > 2;
  return partial ? sigmas()[sigmas().size() - 2] : model_.sigma_min();
}

at::Tensor SamplerContext::StepNoise() {
  for (; drawn_ < draws_; ++drawn_) Draw();
  ++draws_;
  ++drawn_;
  return Draw();
}

at::Tensor SamplerContext::Draw() {
  const at::Tensor noise = at::empty({1, 4, input_.height, input_.width}, at::kFloat);
  input_.generator->Draw(Values(noise));
  return noise.to(input_.device);
}

// Times are float32 sigmas, as in the reference: a float32 is coarser than the tree where sigmas
// are large.
at::Tensor SamplerContext::BrownianNoise(double sigma, double sigma_next) {
  const at::Tensor noise = at::empty({1, 4, input_.height, input_.width}, at::kFloat);
  if (!brownian_tree_.has_value()) {
    const std::vector<double>& sigmas = input_.sigmas;
    const double smallest = sigmas.back() > 0 ? sigmas.back() : sigmas[sigmas.size() - 2];
    // Of the whole schedule, whose motion a picture joins half way.
    const double largest = input_.init.has_value() ? input_.init->first_sigma : sigmas.front();
    brownian_tree_.emplace(input_.noise_source, input_.seed, static_cast<float>(smallest),
                           static_cast<float>(largest), Values(noise).size());
  }
  const auto from = static_cast<float>(sigma_next);
  const auto to = static_cast<float>(sigma);
  brownian_tree_->Increment(from, to, Values(noise));
  return noise.to(input_.device) / -std::sqrt(to - from);
}

int SamplerContext::Recall() {
  if (state_.rounds == 0) return 0;
  if (state_.tensors.size() != tensors_.size() || state_.numbers.size() != numbers_.size()) {
    Fail(absl::DataLossError("the sampler does not carry what was saved"));
    return 0;
  }
  for (std::size_t i = 0; i < tensors_.size(); ++i) *tensors_[i] = state_.tensors[i];
  for (std::size_t i = 0; i < numbers_.size(); ++i) *numbers_[i] = state_.numbers[i];
  draws_ = state_.draws;
  steps_done_ = state_.steps_done;
  return state_.rounds;
}

void SamplerContext::EndRound() {
  ++state_.rounds;
  state_.steps_done = steps_done_;
  state_.draws = draws_;
  state_.tensors.clear();
  for (const at::Tensor* tensor : tensors_) state_.tensors.push_back(*tensor);
  state_.numbers.clear();
  for (const double* number : numbers_) state_.numbers.push_back(*number);
}

void SamplerContext::StepDone() {
  ++steps_done_;
  EndRound();
}

void SamplerContext::ShareDone(double share) {
  constexpr double kRounding = 1e-9;
  steps_done_ = static_cast<int>(share * steps() + kRounding);
  EndRound();
}

}  // namespace darkroom::diffusion
