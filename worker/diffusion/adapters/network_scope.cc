#include "worker/diffusion/adapters/network_scope.h"

#include <string>

#include "absl/strings/strip.h"

namespace darkroom::diffusion {

std::size_t NetworkScope::Note(std::vector<std::int64_t> shape, Placement placement) const {
  if (modules_ == nullptr) return 0;
  modules_->modules.push_back({.component = component_,
                               .name = std::string(absl::StripSuffix(prefix(), ".")),
                               .shape = std::move(shape)});
  modules_->placements.push_back(std::move(placement));
  return modules_->modules.size() - 1;
}

}  // namespace darkroom::diffusion
