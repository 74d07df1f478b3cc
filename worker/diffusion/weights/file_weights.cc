#include "worker/diffusion/weights/file_weights.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/tensor_copy.h"

namespace darkroom::diffusion {

bool FileWeights::Contains(const std::string& name) const { return file_.tensors().contains(name); }

absl::StatusOr<at::Tensor> FileWeights::Take(const std::string& name,
                                             absl::Span<const std::int64_t> shape) {
  const auto found = file_.tensors().find(name);
  if (found == file_.tensors().end()) {
    return absl::InvalidArgumentError(absl::StrCat(file_.path(), ": no tensor '", name, "'"));
  }
  const std::string where = absl::StrCat(file_.path(), ": tensor '", name, "'");
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor tensor, CopyTensor(found->second, where, shape));
  taken_.insert(name);
  return tensor.to(options_);
}

absl::Status FileWeights::CheckAllTaken(absl::Span<const absl::string_view> ignorable) const {
  std::vector<std::string> left;
  for (const auto& [name, view] : file_.tensors()) {
    if (!taken_.contains(name) && !absl::c_linear_search(ignorable, name)) left.push_back(name);
  }
  return LeftOverError(file_.path(), std::move(left));
}

}  // namespace darkroom::diffusion
