#ifndef DARKROOM_WORKER_DIFFUSION_OPS_TENSOR_MEMORY_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_TENSOR_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "c10/core/Allocator.h"
#include "c10/util/ThreadLocalDebugInfo.h"

namespace darkroom::diffusion {

// For tests: while it lives, counts the bytes of tensors on the CPU that this thread takes, scratch
// memory of operations included.
class TensorMemory {
 public:
  TensorMemory() : guard_(c10::DebugInfoKind::PROFILER_STATE, count_) {}

  // The most that was held at one time, of what was taken since.
  std::int64_t peak() const { return count_->peak; }

 private:
  struct Count : c10::MemoryReportingInfoBase {
    void reportMemoryUsage(void* /*place*/, std::int64_t bytes, std::size_t /*allocated*/,
                           std::size_t /*reserved*/, c10::Device /*device*/) override {
      held += bytes;  // negative where it is given back
      peak = std::max(peak, held);
    }
    bool memoryProfilingEnabled() const override { return true; }

    std::int64_t held = 0;
    std::int64_t peak = 0;
  };

  const std::shared_ptr<Count> count_ = std::make_shared<Count>();
  const c10::DebugInfoGuard guard_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_TENSOR_MEMORY_H_
