#include "worker/diffusion/weights/random_weights.h"

#include <cmath>

#include "ATen/Context.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/match.h"

namespace darkroom::diffusion {
namespace {

at::Generator MakeGenerator(const at::Device& device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace

RandomWeights::RandomWeights(std::uint64_t seed, at::TensorOptions options)
    : generator_(MakeGenerator(options.device(), seed)), options_(options) {}

bool RandomWeights::Contains(const std::string&) const { return false; }

absl::StatusOr<at::Tensor> RandomWeights::Take(const std::string& name,
                                               absl::Span<const std::int64_t> shape) {
  const at::IntArrayRef sizes(shape.data(), shape.size());
  if (absl::EndsWith(name, ".bias")) return at::zeros(sizes, options_);
  if (shape.size() == 1) return at::ones(sizes, options_);
  std::int64_t inputs = 1;
  for (const std::int64_t size : shape.subspan(1)) inputs *= size;
  const double bound = std::sqrt(3.0 / static_cast<double>(inputs));
  return at::empty(sizes, options_.dtype(at::kFloat))
      .uniform_(-bound, bound, generator_)
      .to(options_);
}

absl::Status RandomModelWeights::Load(absl::string_view, const at::TensorOptions& options,
                                      absl::FunctionRef<absl::Status(const WeightScope&)> load) {
  RandomWeights weights(seed_, options);
  return load(WeightScope(&weights));
}

}  // namespace darkroom::diffusion
