#include "worker/diffusion/model/time_embedding.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/silu.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/timestep_embedding.h"

namespace darkroom::diffusion {

namespace {

// Every row has its own point.
std::vector<std::int64_t> OwnPoints(std::size_t rows) {
  std::vector<std::int64_t> row_to_point(rows);
  std::iota(row_to_point.begin(), row_to_point.end(), 0);
  return row_to_point;
}

}  // namespace

TimeRows::TimeRows(std::vector<at::Tensor> points, std::vector<std::int64_t> row_to_point)
    : points_(std::move(points)), row_to_point_(std::move(row_to_point)) {
  at::Tensor index = at::empty({static_cast<std::int64_t>(row_to_point_.size())}, at::kLong);
  std::copy(row_to_point_.begin(), row_to_point_.end(), index.mutable_data_ptr<std::int64_t>());
  index_ = index.to(points_.front().device());
}

std::vector<at::Tensor> TimeRows::ProjectPoints(const Linear& linear) const {
  std::vector<at::Tensor> projected;
  projected.reserve(points_.size());
  for (const at::Tensor& point : points_) projected.push_back(linear.Forward(point));
  return projected;
}

at::Tensor TimeRows::ProjectRows(const AdaptableLinear& linear, const RowAdapters& rows) const {
  at::Tensor y = at::cat(ProjectPoints(linear.operation())).index_select(0, index_);
  linear.AdaptVectors(at::cat(points_).index_select(0, index_), rows, &y);
  return y;
}

at::Tensor TimeRows::Project(const AdaptableLinear& linear, const RowAdapters* rows) const {
  if (linear.ChangedBy(rows)) return ProjectRows(linear, *rows);
  const std::vector<at::Tensor> projected = ProjectPoints(linear.operation());
  if (projected.size() == 1) return projected.front();
  return at::cat(projected).index_select(0, index_);
}

TimeRows TimeRows::Through(const AdaptableLinear& linear, const RowAdapters* rows) const {
  if (!linear.ChangedBy(rows)) return {ProjectPoints(linear.operation()), row_to_point_};
  const at::Tensor projected = ProjectRows(linear, *rows);
  std::vector<at::Tensor> points;
  for (std::int64_t i = 0; i < projected.size(0); ++i) {
    points.push_back(projected.narrow(0, i, 1).clone());  // aligned as one alone is
  }
  return {std::move(points), OwnPoints(row_to_point_.size())};
}

TimeRows TimeRows::Activated() const {
  std::vector<at::Tensor> points;
  for (const at::Tensor& point : points_) points.push_back(at::silu(point));
  return {std::move(points), row_to_point_};
}

TimeRows TimeRows::Plus(const TimeRows& other) const {
  std::vector<at::Tensor> points;
  for (std::size_t i = 0; i < row_to_point_.size(); ++i) {
    points.push_back(points_[static_cast<std::size_t>(row_to_point_[i])] +
                     other.points_[static_cast<std::size_t>(other.row_to_point_[i])]);
  }
  return {std::move(points), OwnPoints(row_to_point_.size())};
}

absl::StatusOr<EmbeddingNet> EmbeddingNet::Load(int in, int out, const NetworkScope& weights,
                                                const Ops& ops) {
  EmbeddingNet net;
  DARKROOM_ASSIGN_OR_RETURN(net.linear1_,
                            LoadAdaptableLinear(weights.Sub("linear_1"), in, out, Bias::kYes, ops));
  DARKROOM_ASSIGN_OR_RETURN(
      net.linear2_, LoadAdaptableLinear(weights.Sub("linear_2"), out, out, Bias::kYes, ops));
  return net;
}

TimeRows EmbeddingNet::Forward(const TimeRows& x, const RowAdapters* rows) const {
  return x.Through(linear1_, rows).Activated().Through(linear2_, rows);
}

absl::StatusOr<TimeEmbedding> TimeEmbedding::Load(const UNetConfig& config,
                                                  const NetworkScope& weights, const Ops& ops) {
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
                              const RowAdapters* rows, at::TensorOptions options) const {
  std::vector<double> distinct;
  std::vector<at::Tensor> points;
  std::vector<std::int64_t> row_to_point;
  for (const double timestep : timesteps) {
    const auto found = std::find(distinct.begin(), distinct.end(), timestep);
    row_to_point.push_back(found - distinct.begin());
    if (found != distinct.end()) continue;
    distinct.push_back(timestep);
    points.push_back(
        TimestepEmbedding(timestep, sinusoids_, cosine_first_, frequency_shift_).to(options));
  }
  TimeRows time = time_.Forward({std::move(points), std::move(row_to_point)}, rows);
  if (!added.defined()) return time.Activated();
  std::vector<at::Tensor> vectors;
  for (std::int64_t i = 0; i < added.size(0); ++i) {
    vectors.push_back(added.narrow(0, i, 1).to(options));
  }
  const TimeRows more(std::move(vectors), OwnPoints(timesteps.size()));
  return time.Plus(added_.Forward(more, rows)).Activated();
}

}  // namespace darkroom::diffusion
