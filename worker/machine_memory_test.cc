#include "worker/machine_memory.h"

#include <unistd.h>

#include <cstdint>

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

TEST(MachineMemoryTest, ItsPartsAreThoseOfTheMachine) {
  const std::optional<diffusion::DeviceMemory> memory = ReadMachineMemory();
  ASSERT_TRUE(memory.has_value());
  const std::int64_t all = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  EXPECT_GT(memory->worker, 1 << 20);
  EXPECT_GT(memory->free, 0);
  EXPECT_GE(memory->others, 0);
  EXPECT_LE(memory->others + memory->free, all);
  EXPECT_GE(memory->worker + memory->others + memory->free, all / 100 * 99);
}

}  // namespace
}  // namespace darkroom::worker
