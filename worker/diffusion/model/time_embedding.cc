#include "worker/diffusion/model/time_embedding.h"

#include <algorithm>
#include <utility>

#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/silu.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"
#include "worker/diffusion/ops/timestep_embedding.h"

namespace darkroom::diffusion {

TimeRows::TimeRows(std::vector<at::Tensor> points, std::vector<std::int64_t> row_to_point)
    : points_(std::move(points)) {
  at::Tensor index = at::empty({static_cast<std::int64_t>(row_to_point.size())}, at::kLong);
  std::copy(row_to_point.begin(), row_to_point.end(), index.mutable_data_ptr<std::int64_t>());
  index_ = index.to(points_.front().device());
}

at::Tensor TimeRows::Project(const Linear& linear) const {
  std::vector<at::Tensor> projected;
  projected.reserve(points_.size());
  for (const at::Tensor& point : points_) projected.push_back(linear.Forward(point));
  if (projected.size() == 1) return projected.front();
  return at::cat(projected).index_select(0, index_);
}

absl::StatusOr<TimeEmbedding> TimeEmbedding::Load(const UNetConfig& config,
                                                  const WeightScope& weights, const Ops& ops) {
  TimeEmbedding embedding;
  embedding.sinusoids_ = config.levels.front().channels;
  embedding.cosine_first_ = config.flip_sin_to_cos;
  embedding.frequency_shift_ = config.freq_shift;
  DARKROOM_ASSIGN_OR_RETURN(
      embedding.linear1_,
      LoadLinear(weights.Sub("linear_1"), embedding.sinusoids_, Size(config), Bias::kYes, ops));
  DARKROOM_ASSIGN_OR_RETURN(embedding.linear2_, LoadLinear(weights.Sub("linear_2"), Size(config),
                                                           Size(config), Bias::kYes, ops));
  return embedding;
}

TimeRows TimeEmbedding::Embed(absl::Span<const double> timesteps, at::TensorOptions options) const {
  std::vector<double> distinct;
  std::vector<at::Tensor> points;
  std::vector<std::int64_t> row_to_point;
  for (const double timestep : timesteps) {
    const auto found = std::find(distinct.begin(), distinct.end(), timestep);
    row_to_point.push_back(found - distinct.begin());
    if (found != distinct.end()) continue;
    distinct.push_back(timestep);
    const at::Tensor sinusoids =
        TimestepEmbedding(timestep, sinusoids_, cosine_first_, frequency_shift_).to(options);
    at::Tensor hidden = linear1_->Forward(sinusoids);
    at::Tensor embedding = linear2_->Forward(at::silu_(hidden));
    points.push_back(at::silu_(embedding));
  }
  return TimeRows(std::move(points), std::move(row_to_point));
}

}  // namespace darkroom::diffusion
