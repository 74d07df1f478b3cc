#ifndef DARKROOM_WORKER_DIFFUSION_OPS_MAKE_OPS_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_MAKE_OPS_H_

#include <memory>

#include "c10/core/Device.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// The fastest operations that this build has for a device. Throws c10::Error where a GPU's cannot
// be compiled.
std::unique_ptr<const Ops> MakeOps(c10::Device device);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_MAKE_OPS_H_
