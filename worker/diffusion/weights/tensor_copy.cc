#include "worker/diffusion/weights/tensor_copy.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "ATen/ops/empty.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace darkroom::diffusion {
namespace {

// Names listed in an error.
constexpr std::size_t kListed = 5;

// The dtype of a weight; other types of the format hold no weights.
std::optional<at::ScalarType> FloatingType(TensorType type) {
  switch (type) {
    case TensorType::kF16:
      return at::kHalf;
    case TensorType::kBF16:
      return at::kBFloat16;
    case TensorType::kF32:
      return at::kFloat;
    case TensorType::kF64:
      return at::kDouble;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<at::Tensor> CopyTensor(const TensorView& view, absl::string_view where,
                                      absl::Span<const std::int64_t> shape) {
  if (absl::MakeConstSpan(view.shape) != shape) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is [", absl::StrJoin(view.shape, ", "),
                                                   "], expected [", absl::StrJoin(shape, ", "),
                                                   "]"));
  }
  const std::optional<at::ScalarType> type = FloatingType(view.type);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is not floating-point"));
  }
  // Copied, not viewed: the bytes in the file need not be aligned for their type.
  at::Tensor tensor = at::empty(view.shape, *type);
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

absl::Status LeftOverError(absl::string_view path, std::vector<std::string> left) {
  if (left.empty()) return absl::OkStatus();
  std::sort(left.begin(), left.end());
  const std::size_t count = left.size();
  left.resize(std::min(count, kListed));
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", count, " tensors that the config has no place for: ", absl::StrJoin(left, ", "),
      count > kListed ? ", ..." : ""));
}

}  // namespace darkroom::diffusion
