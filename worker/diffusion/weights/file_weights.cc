#include "worker/diffusion/weights/file_weights.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/tensor_checks.h"

namespace darkroom::diffusion {

bool FileWeights::Contains(const std::string& name) const { return file_.tensors().contains(name); }

absl::StatusOr<at::Tensor> FileWeights::Take(const std::string& name,
                                             absl::Span<const std::int64_t> shape) {
  const auto found = file_.tensors().find(name);
  if (found == file_.tensors().end()) {
    return absl::InvalidArgumentError(absl::StrCat(file_.path(), ": no tensor '", name, "'"));
  }
  const std::string where = absl::StrCat(file_.path(), ": tensor '", name, "'");
  DARKROOM_RETURN_IF_ERROR(CheckWeight(found->second, where, shape));
  taken_.insert(name);
  if (!read_.Find(name).defined()) {
    DARKROOM_RETURN_IF_ERROR(read_.Read(file_, {name}, at::MemoryFormat::Contiguous));
  }
  const at::Tensor tensor = read_.Find(name);
  read_.Drop(name);
  return tensor;
}

absl::Status FileWeights::ReadAll() {
  std::vector<std::string> names;
  for (const auto& [name, view] : file_.tensors()) names.push_back(name);
  return read_.Read(file_, names, at::MemoryFormat::ChannelsLast);
}

absl::Status FileWeights::CheckAllTaken(absl::Span<const absl::string_view> ignorable) const {
  std::vector<std::string> left;
  for (const auto& [name, view] : file_.tensors()) {
    if (!taken_.contains(name) && !absl::c_linear_search(ignorable, name)) left.push_back(name);
  }
  return LeftOverError(file_.path(), std::move(left));
}

}  // namespace darkroom::diffusion
