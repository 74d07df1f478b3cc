#include "worker/diffusion/weights/tensor_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "worker/diffusion/weights/tensor_reader.h"

namespace darkroom::diffusion {
namespace {

// Names listed in an error.
constexpr std::size_t kListed = 5;

}  // namespace

absl::Status CheckWeight(const TensorView& view, absl::string_view where,
                         absl::Span<const std::int64_t> shape) {
  if (absl::MakeConstSpan(view.shape) != shape) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is [", absl::StrJoin(view.shape, ", "),
                                                   "], expected [", absl::StrJoin(shape, ", "),
                                                   "]"));
  }
  if (!FloatingType(view.type).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is not floating-point"));
  }
  return absl::OkStatus();
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
