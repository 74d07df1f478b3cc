#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_TENSORS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_TENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// The shape of a weight, with 1 x 1 for a linear's.
struct WeightShape {
  std::int64_t out = 0;
  std::int64_t in = 0;
  std::int64_t height = 1;
  std::int64_t width = 1;
};

// The tensors that a file has for one module, float32, each taken once by the kind of adapter that
// they make up. Errors are INVALID_ARGUMENT and name the file's key. Not thread-safe.
class ModuleTensors {
 public:
  // `field`: as in AdapterKey. An error when there is one already.
  absl::Status Add(const std::string& field, const std::string& key, at::Tensor tensor);

  bool Contains(absl::string_view field) const;

  // A size of a tensor.
  absl::StatusOr<std::int64_t> Size(absl::string_view field, std::int64_t dimension) const;

  // As `shape`. Files store it with or without ones at its end, or with all dimensions after the
  // first as one; every other shape is an error, and so is absence.
  absl::StatusOr<at::Tensor> Take(absl::string_view field, std::vector<std::int64_t> shape);

  // alpha / rank, or 1 where the file has no alpha. Takes it.
  absl::StatusOr<double> TakeScale(std::int64_t rank);

  // An error names what nobody took: fields that do not go together.
  absl::Status CheckAllTaken() const;

 private:
  struct Entry {
    std::string key;
    at::Tensor tensor;
    bool taken = false;
  };

  std::map<std::string, Entry, std::less<>> entries_;  // by field
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_TENSORS_H_
