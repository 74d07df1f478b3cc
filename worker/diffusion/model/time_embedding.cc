#include "worker/diffusion/model/time_embedding.h"

#include <algorithm>
#include <utility>

#include "ATen/TensorOperators.h"
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

absl::StatusOr<EmbeddingNet> EmbeddingNet::Load(int in, int out, const WeightScope& weights,
                                                const Ops& ops) {
  EmbeddingNet net;
  DARKROOM_ASSIGN_OR_RETURN(net.linear1_,
                            LoadLinear(weights.Sub("linear_1"), in, out, Bias::kYes, ops));
  DARKROOM_ASSIGN_OR_RETURN(net.linear2_,
                            LoadLinear(weights.Sub("linear_2"), out, out, Bias::kYes, ops));
  return net;
}

at::Tensor EmbeddingNet::Forward(const at::Tensor& x) const {
  at::Tensor hidden = linear1_->Forward(x);
  return linear2_->Forward(at::silu_(hidden));
}

absl::StatusOr<TimeEmbedding> TimeEmbedding::Load(const UNetConfig& config,
                                                  const WeightScope& weights, const Ops& ops) {
  TimeEmbedding embedding;
  embedding.sinusoids_ = config.levels.front().channels;
  embedding.cosine_first_ = config.flip_sin_to_cos;
  embedding.frequency_shift_ = config.freq_shift;
  DARKROOM_ASSIGN_OR_RETURN(
      embedding.time_,
      EmbeddingNet::Load(embedding.sinusoids_, Size(config), weights.Sub("time_embedding"), ops));
  const int added = config.projection_class_embeddings_input_dim;
  if (added > 0) {
    DARKROOM_ASSIGN_OR_RETURN(
        embedding.added_,
        EmbeddingNet::Load(added, Size(config), weights.Sub("add_embedding"), ops));
  }
  return embedding;
}

TimeRows TimeEmbedding::Embed(absl::Span<const double> timesteps, const at::Tensor& added,
                              at::TensorOptions options) const {
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
    points.push_back(time_.Forward(sinusoids));
  }
  if (added.defined()) {
    std::vector<at::Tensor> rows;
    for (std::int64_t& point : row_to_point) {
      const auto row = static_cast<std::int64_t>(rows.size());
      rows.push_back(points[static_cast<std::size_t>(point)] +
                     added_.Forward(added.narrow(0, row, 1).to(options)));
      point = row;
    }
    points = std::move(rows);
  }
  for (at::Tensor& point : points) at::silu_(point);
  return TimeRows(std::move(points), std::move(row_to_point));
}

}  // namespace darkroom::diffusion
