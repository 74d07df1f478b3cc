#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_READER_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_READER_H_

#include <optional>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The dtype of a weight; other types of the format hold no weights.
std::optional<at::ScalarType> FloatingType(TensorType type);

// Reads many weights of a file at once: in the order in which they lie there, so that the disk is
// asked for what a copy of the file would ask for, some way ahead of what is being converted. Each
// number goes once from the system's cache of the file to where it is computed with; nothing of the
// file becomes resident beside it. Not thread-safe.
class TensorReader {
 public:
  // What is read is on the device and in the dtype of `options`.
  explicit TensorReader(const at::TensorOptions& options) : options_(options) {}

  // Reads these tensors of a file, on as many threads as libtorch computes with; those that hold no
  // weights are left out. `kernels`: the layout of what is [out, in, height, width] and larger than
  // 1 x 1, contiguous or channels-last; everything else is contiguous. DATA_LOSS or what the system
  // says when the file cannot be read any more; the message names the file.
  absl::Status Read(const SafetensorsFile& file, const std::vector<std::string>& names,
                    at::MemoryFormat kernels);

  // One that was read, as stored; undefined otherwise.
  at::Tensor Find(absl::string_view name) const;
  // Keeps it no longer.
  void Drop(absl::string_view name) { tensors_.erase(name); }

 private:
  // Some tensors that lie together.
  absl::Status ReadGroup(const SafetensorsFile& file, absl::Span<const std::string> names,
                         at::MemoryFormat kernels);

  at::TensorOptions options_;
  absl::flat_hash_map<std::string, at::Tensor> tensors_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_READER_H_
