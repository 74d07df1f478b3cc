#include "worker/diffusion/weights/file_weights.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "ATen/ops/empty.h"
#include "absl/algorithm/container.h"
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

bool FileWeights::Contains(const std::string& name) const { return file_.tensors().contains(name); }

absl::StatusOr<at::Tensor> FileWeights::Take(const std::string& name,
                                             absl::Span<const std::int64_t> shape) {
  const auto found = file_.tensors().find(name);
  if (found == file_.tensors().end()) {
    return absl::InvalidArgumentError(absl::StrCat(file_.path(), ": no tensor '", name, "'"));
  }
  const TensorView& view = found->second;
  if (absl::MakeConstSpan(view.shape) != shape) {
    return absl::InvalidArgumentError(absl::StrCat(file_.path(), ": tensor '", name, "' is [",
                                                   absl::StrJoin(view.shape, ", "), "], expected [",
                                                   absl::StrJoin(shape, ", "), "]"));
  }
  const std::optional<at::ScalarType> type = FloatingType(view.type);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_.path(), ": tensor '", name, "' is not floating-point"));
  }
  taken_.insert(name);
  // Copied first: the bytes in the file need not be aligned for their type.
  at::Tensor tensor = at::empty(view.shape, *type);
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor.to(options_);
}

absl::Status FileWeights::CheckAllTaken(absl::Span<const absl::string_view> ignorable) const {
  std::vector<std::string> left;
  for (const auto& [name, view] : file_.tensors()) {
    if (!taken_.contains(name) && !absl::c_linear_search(ignorable, name)) left.push_back(name);
  }
  if (left.empty()) return absl::OkStatus();
  std::sort(left.begin(), left.end());
  const std::size_t count = left.size();
  left.resize(std::min(count, kListed));
  return absl::InvalidArgumentError(
      absl::StrCat(file_.path(), ": ", count, " tensors that the config has no place for: ",
                   absl::StrJoin(left, ", "), count > kListed ? ", ..." : ""));
}

}  // namespace darkroom::diffusion
