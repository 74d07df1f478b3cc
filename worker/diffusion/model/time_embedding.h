#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_TIME_EMBEDDING_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_TIME_EMBEDDING_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The points in time of the rows of a batch, embedded. A linear over [rows, C] gives other bits for
// another number of rows, so everything that depends on time and the added vector alone is computed
// one point at a time, once for each distinct one, and then handed to the rows. Where a row's
// adapters change a linear, every row has a point of its own behind it. Immutable.
class TimeRows {
 public:
  // `points`: [1, D] each. `row_to_point`: for each row a place in `points`.
  TimeRows(std::vector<at::Tensor> points, std::vector<std::int64_t> row_to_point);

  // A linear of each row's embedding: [R, out], or [1, out] where all rows have one. `rows`: the
  // adapters of the R rows, or null.
  at::Tensor Project(const AdaptableLinear& linear, const RowAdapters* rows) const;

  // The same as an embedding.
  TimeRows Through(const AdaptableLinear& linear, const RowAdapters* rows) const;

  // SiLU of it.
  TimeRows Activated() const;

  // The sum of two embeddings of each row.
  TimeRows Plus(const TimeRows& other) const;

 private:
  // The linear alone, [1, out] each.
  std::vector<at::Tensor> ProjectPoints(const Linear& linear) const;
  // The linear with adapters: [R, out].
  at::Tensor ProjectRows(const AdaptableLinear& linear, const RowAdapters& rows) const;

  std::vector<at::Tensor> points_;
  std::vector<std::int64_t> row_to_point_;
  at::Tensor index_;  // the same, on the points' device
};

// Two linears around a SiLU (diffusers' TimestepEmbedding).
class EmbeddingNet {
 public:
  // Holds nothing until one that Load made is assigned to it.
  EmbeddingNet() = default;

  // Of `in` numbers, `out` come.
  static absl::StatusOr<EmbeddingNet> Load(int in, int out, const NetworkScope& weights,
                                           const Ops& ops);

  // `rows`: the adapters of the rows, or null.
  TimeRows Forward(const TimeRows& x, const RowAdapters* rows) const;

 private:
  AdaptableLinear linear1_, linear2_;
};

// The time of a row, embedded, plus what SDXL adds to it, with the SiLU that every user of it
// begins with.
class TimeEmbedding {
 public:
  // `weights` are the UNet's.
  static absl::StatusOr<TimeEmbedding> Load(const UNetConfig& config, const NetworkScope& weights,
                                            const Ops& ops);

  // `added`: [R, projection_class_embeddings_input_dim], or undefined where the config has none.
  // `rows`: the adapters of the R rows, or null.
  TimeRows Embed(absl::Span<const double> timesteps, const at::Tensor& added,
                 const RowAdapters* rows, at::TensorOptions options) const;

  // D, the size of an embedding, of a model of this config.
  static int Size(const UNetConfig& config) { return 4 * config.levels.front().channels; }

 private:
  TimeEmbedding() = default;

  int sinusoids_ = 0;
  bool cosine_first_ = true;
  double frequency_shift_ = 0;
  EmbeddingNet time_;
  EmbeddingNet added_;  // holds nothing where the config adds no vector
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_TIME_EMBEDDING_H_
