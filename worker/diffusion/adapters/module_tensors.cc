#include "worker/diffusion/adapters/module_tensors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace darkroom::diffusion {
namespace {

absl::Span<const std::int64_t> WithoutOnes(absl::Span<const std::int64_t> shape) {
  while (!shape.empty() && shape.back() == 1) shape.remove_suffix(1);
  return shape;
}

bool SameUpToStorage(absl::Span<const std::int64_t> actual,
                     absl::Span<const std::int64_t> expected) {
  if (WithoutOnes(actual) == WithoutOnes(expected)) return true;
  if (actual.size() != 2 || actual[0] != expected[0]) return false;
  std::int64_t rest = 1;
  for (const std::int64_t size : expected.subspan(1)) rest *= size;
  return actual[1] == rest;
}

}  // namespace

absl::Status ModuleTensors::Add(const std::string& field, const std::string& key,
                                at::Tensor tensor) {
  const auto [place, added] = entries_.try_emplace(field, Entry{key, std::move(tensor)});
  if (added) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("tensors '", place->second.key, "' and '", key, "' are the same of one module"));
}

bool ModuleTensors::Contains(absl::string_view field) const {
  return entries_.find(field) != entries_.end();
}

absl::StatusOr<std::int64_t> ModuleTensors::Size(absl::string_view field,
                                                 std::int64_t dimension) const {
  const auto found = entries_.find(field);
  if (found == entries_.end()) {
    return absl::InvalidArgumentError(absl::StrCat("has no ", field));
  }
  const Entry& entry = found->second;
  if (dimension >= entry.tensor.dim() || entry.tensor.size(dimension) == 0) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", entry.key, "' is [",
                                                   absl::StrJoin(entry.tensor.sizes(), ", "),
                                                   "], which has no rank"));
  }
  return entry.tensor.size(dimension);
}

absl::StatusOr<at::Tensor> ModuleTensors::Take(absl::string_view field,
                                               std::vector<std::int64_t> shape) {
  const auto found = entries_.find(field);
  if (found == entries_.end()) {
    return absl::InvalidArgumentError(absl::StrCat("has no ", field));
  }
  Entry& entry = found->second;
  if (!SameUpToStorage(entry.tensor.sizes(), shape)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor '", entry.key, "' is [", absl::StrJoin(entry.tensor.sizes(), ", "),
        "], the module and the other tensors make it [", absl::StrJoin(shape, ", "), "]"));
  }
  entry.taken = true;
  return entry.tensor.reshape(shape);
}

absl::StatusOr<double> ModuleTensors::TakeScale(std::int64_t rank) {
  if (!Contains("alpha")) return 1.0;
  auto alpha = Take("alpha", {1});
  if (!alpha.ok()) return std::move(alpha).status();
  return alpha->item<double>() / static_cast<double>(rank);
}

absl::Status ModuleTensors::CheckAllTaken() const {
  for (const auto& [field, entry] : entries_) {
    if (entry.taken) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor '", entry.key, "' does not go together with the other tensors of its module"));
  }
  return absl::OkStatus();
}

}  // namespace darkroom::diffusion
