#ifndef DARKROOM_WORKER_MACHINE_MEMORY_H_
#define DARKROOM_WORKER_MACHINE_MEMORY_H_

#include <optional>

#include "worker/diffusion/device_memory.h"

namespace darkroom::worker {

// Who has the machine's memory, for a worker that computes on its processors: by proc(5), so that
// what the system would give up for programs counts as free, and bounds of a container do not
// count. nullopt where the system does not tell. Thread-safe.
std::optional<diffusion::DeviceMemory> ReadMachineMemory();

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_MACHINE_MEMORY_H_
