#ifndef DARKROOM_WORKER_DIFFUSION_OPS_CUDA_PROGRAM_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_CUDA_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "c10/core/Device.h"

namespace darkroom::diffusion {

// How a kernel is spread over a device.
struct CudaGrid {
  std::int64_t columns = 1;  // blocks
  std::int64_t rows = 1;     // the same, of each column; at most 65535
  int threads = 1;           // of a block
  std::size_t shared_bytes = 0;
};

// A kernel of a CudaProgram. Usable from any thread.
class CudaKernel {
 public:
  explicit CudaKernel(void* kernel) : kernel_(kernel) {}

  // Runs it on the current stream of a device of the program's architecture. The arguments have
  // exactly the types of the kernel's parameters. Throws c10::Error.
  template <typename... Arguments>
  void Launch(c10::Device device, const CudaGrid& grid, Arguments... arguments) const {
    void* places[] = {&arguments...};
    LaunchAt(device, grid, places);
  }

 private:
  void LaunchAt(c10::Device device, const CudaGrid& grid, void** arguments) const;

  void* kernel_;  // a CUkernel
};

// CUDA C++ that is compiled at run time (NVRTC), so that no CUDA compiler takes part in a build.
// Its machine code stays in the process.
class CudaProgram {
 public:
  // As compilers call it: "sm_90" of an H100.
  static std::string Architecture(c10::Device device);

  // Compiles for the device's architecture. `kernels`: names as the source would call them, like
  // "Gate<Half>". Throws c10::Error with what the compiler says.
  CudaProgram(const char* source, const std::vector<std::string>& kernels, c10::Device device);

  // One of the kernels that were named.
  CudaKernel Find(const std::string& kernel) const;

 private:
  std::unordered_map<std::string, CudaKernel> kernels_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_CUDA_PROGRAM_H_
