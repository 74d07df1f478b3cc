#include "worker/diffusion/sdxl_conditioning.h"

#include <algorithm>

#include "ATen/ops/cat.h"
#include "ATen/ops/zeros_like.h"
#include "worker/diffusion/ops/timestep_embedding.h"

namespace darkroom::diffusion {
namespace {

constexpr double kAestheticScore = 6;
constexpr double kNegativeAestheticScore = 2.5;

}  // namespace

std::vector<double> AddedNumbersOf(ModelFamily family, PictureSize size, PromptSide side) {
  if (AddedNumbers(family) == 0) return {};
  const auto height = static_cast<double>(size.height);
  const auto width = static_cast<double>(size.width);
  std::vector<double> numbers = {height, width, 0, 0};
  if (family == ModelFamily::kSdxlRefiner) {
    numbers.push_back(side == PromptSide::kNegative ? kNegativeAestheticScore : kAestheticScore);
  } else {
    numbers.insert(numbers.end(), {height, width});
  }
  return numbers;
}

ConditioningSchedule CompleteConditioning(const ModelConfig& config, PictureSize size,
                                          PromptSide side, const prompt::Schedule& schedule,
                                          const ConditioningSchedule& encoded) {
  std::vector<at::Tensor> sinusoids;  // [1, addition_time_embed_dim] each
  for (const double number : AddedNumbersOf(config.family, size, side)) {
    sinusoids.push_back(TimestepEmbedding(number, config.unet.addition_time_embed_dim,
                                          config.unet.flip_sin_to_cos, config.unet.freq_shift));
  }
  if (sinusoids.empty()) return encoded;
  const at::Tensor numbers = at::cat(sinusoids, 1);
  const bool zero =
      side == PromptSide::kNegative &&
      std::all_of(schedule.entries.begin(), schedule.entries.end(),
                  [](const prompt::ScheduleEntry& entry) { return entry.text.empty(); });
  return encoded.Map([&](const Conditioning& text) {
    const auto shown = [zero](const at::Tensor& made) {
      return zero ? at::zeros_like(made) : made;
    };
    return Conditioning{
        .context = shown(text.context),
        .vector = at::cat({shown(text.vector), numbers.to(text.vector.device())}, 1)};
  });
}

}  // namespace darkroom::diffusion
