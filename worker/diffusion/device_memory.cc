#include "worker/diffusion/device_memory.h"

#include <algorithm>
#include <cstddef>

#include "ATen/Context.h"
#include "absl/status/statusor.h"
#include "c10/core/CachingDeviceAllocator.h"
#include "c10/core/Device.h"
#include "worker/diffusion/torch_errors.h"

namespace darkroom::diffusion {

std::optional<DeviceMemory> ReadGpuMemory(const std::string& device) {
  using Memory = std::optional<DeviceMemory>;
  const absl::StatusOr<Memory> memory = Guarded([&device]() -> absl::StatusOr<Memory> {
    const c10::Device gpu(device);
    if (!gpu.is_cuda() || !at::globalContext().hasCUDA()) return std::nullopt;
    c10::DeviceAllocator& allocator = *at::getDeviceAllocator(gpu.type());
    if (!allocator.initialized()) return std::nullopt;
    const c10::DeviceIndex index = gpu.has_index() ? gpu.index() : c10::DeviceIndex{0};
    const auto [free, all] = allocator.getMemoryInfo(index);
    constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const std::int64_t worker = allocator.getDeviceStats(index).reserved_bytes[kAll].current;
    const auto left = static_cast<std::int64_t>(free);
    const std::int64_t others = static_cast<std::int64_t>(all) - left - worker;
    return DeviceMemory{
        .worker = worker, .others = std::max<std::int64_t>(others, 0), .free = left};
  });
  return memory.ok() ? *memory : std::nullopt;
}

}  // namespace darkroom::diffusion
