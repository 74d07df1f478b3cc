#ifndef DARKROOM_WORKER_DIFFUSION_TORCH_ERRORS_H_
#define DARKROOM_WORKER_DIFFUSION_TORCH_ERRORS_H_

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"

namespace darkroom::diffusion {

// RESOURCE_EXHAUSTED for an allocation that failed, on any device; INTERNAL for everything else.
absl::Status ToStatus(const c10::Error& error);

// The only place where torch's exceptions end. Runs `body`, which returns a Status or a StatusOr,
// without autograd.
template <typename Body>
auto Guarded(const Body& body) -> decltype(body()) {
  try {
    const c10::InferenceMode inference;
    return body();
  } catch (const c10::Error& error) {
    return ToStatus(error);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TORCH_ERRORS_H_
