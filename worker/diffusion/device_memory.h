#ifndef DARKROOM_WORKER_DIFFUSION_DEVICE_MEMORY_H_
#define DARKROOM_WORKER_DIFFUSION_DEVICE_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>

namespace darkroom::diffusion {

// Who has a device's memory, in bytes; together all of it.
struct DeviceMemory {
  std::int64_t worker = 0;  // this process: on a GPU what libtorch's allocator holds, used or not
  std::int64_t others = 0;  // on a GPU with the driver's context of this process
  std::int64_t free = 0;
};

// Of `device`, "cuda" or "cuda:N", once this process computes on it; nullopt before, on other
// devices, and where the driver does not answer. Thread-safe.
std::optional<DeviceMemory> ReadGpuMemory(const std::string& device);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_DEVICE_MEMORY_H_
