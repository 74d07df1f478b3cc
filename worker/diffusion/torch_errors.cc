#include "worker/diffusion/torch_errors.h"

#include <string>

#include "absl/strings/match.h"

namespace darkroom::diffusion {

absl::Status ToStatus(const c10::Error& error) {
  const std::string message = error.what_without_backtrace();
  const bool out_of_memory = dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
                             absl::StrContains(message, "DefaultCPUAllocator");
  return out_of_memory ? absl::ResourceExhaustedError(message) : absl::InternalError(message);
}

}  // namespace darkroom::diffusion
