#include "worker/diffusion/ops/cuda_program.h"

#include <dlfcn.h>

#include <iterator>

#include "absl/strings/str_cat.h"
#include "c10/core/DeviceGuard.h"
#include "c10/core/impl/VirtualGuardImpl.h"
#include "c10/util/Exception.h"
#include "cuda.h"
#include "nvrtc.h"

namespace darkroom::diffusion {
namespace {

// A function of the driver, which comes with a device and not with a build, so that it cannot be
// linked. (What the runtime's headers include is not in the wheels.)
template <typename Function>
Function* OfDriver(const char* name) {
  // Never closed: a process that calculates on a GPU has it anyway.
  static void* const driver = dlopen("libcuda.so.1", RTLD_NOW);
  TORCH_CHECK(driver != nullptr, "no NVIDIA driver is installed: libcuda.so.1 is missing");
  void* const function = dlsym(driver, name);
  TORCH_CHECK(function != nullptr, "the NVIDIA driver is too old: it has no ", name);
  return reinterpret_cast<Function*>(function);
}

void CheckDriver(CUresult result) {
  if (result == CUDA_SUCCESS) return;
  const char* message = nullptr;
  OfDriver<decltype(cuGetErrorString)>("cuGetErrorString")(result, &message);
  TORCH_CHECK(false, "CUDA: ", message == nullptr ? "unknown error" : message);
}

void CheckNvrtc(nvrtcResult result) {
  TORCH_CHECK(result == NVRTC_SUCCESS, "NVRTC: ", nvrtcGetErrorString(result));
}

// A thread that has not used a device yet has no context; this one is the runtime's, and ATen's.
void HaveContext(c10::Device device) {
  static const auto current = OfDriver<decltype(cuCtxGetCurrent)>("cuCtxGetCurrent");
  CUcontext context = nullptr;
  CheckDriver(current(&context));
  if (context != nullptr) return;
  CheckDriver(OfDriver<decltype(cuDevicePrimaryCtxRetain)>("cuDevicePrimaryCtxRetain")(
      &context, device.index()));
  CheckDriver(OfDriver<decltype(cuCtxSetCurrent)>("cuCtxSetCurrent")(context));
}

CUstream CurrentStream(c10::Device device) {
  const c10::impl::VirtualGuardImpl devices(device.type());
  return static_cast<CUstream>(devices.getStream(device).native_handle());
}

// From source to machine code.
class Compilation {
 public:
  Compilation(const char* source, const std::vector<std::string>& kernels,
              const std::string& architecture) {
    CheckNvrtc(nvrtcCreateProgram(&program_, source, "darkroom.cu", 0, nullptr, nullptr));
    for (const std::string& kernel : kernels) {
      CheckNvrtc(nvrtcAddNameExpression(program_, kernel.c_str()));
    }
    const std::string target = absl::StrCat("--gpu-architecture=", architecture);
    const char* options[] = {"--std=c++17", target.c_str()};
    const nvrtcResult result = nvrtcCompileProgram(program_, std::size(options), options);
    TORCH_CHECK(result == NVRTC_SUCCESS, "kernels cannot be compiled for ", architecture, ": ",
                nvrtcGetErrorString(result), "\n", Log());
  }
  ~Compilation() { nvrtcDestroyProgram(&program_); }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  std::string MachineCode() const {
    std::size_t size = 0;
    CheckNvrtc(nvrtcGetCUBINSize(program_, &size));
    std::string code(size, '\0');
    CheckNvrtc(nvrtcGetCUBIN(program_, code.data()));
    return code;
  }

  // What the machine code calls a kernel.
  const char* NameOf(const std::string& kernel) const {
    const char* name = nullptr;
    CheckNvrtc(nvrtcGetLoweredName(program_, kernel.c_str(), &name));
    return name;
  }

 private:
  std::string Log() const {
    std::size_t size = 0;
    CheckNvrtc(nvrtcGetProgramLogSize(program_, &size));
    std::string log(size, '\0');
    CheckNvrtc(nvrtcGetProgramLog(program_, log.data()));
    return log;
  }

  nvrtcProgram program_ = nullptr;
};

}  // namespace

void CudaKernel::LaunchAt(c10::Device device, const CudaGrid& grid, void** arguments) const {
  static const auto launch = OfDriver<decltype(cuLaunchKernel)>("cuLaunchKernel");
  const c10::DeviceGuard guard(device);
  HaveContext(device);
  CheckDriver(launch(static_cast<CUfunction>(kernel_), static_cast<unsigned>(grid.columns),
                     static_cast<unsigned>(grid.rows), 1, static_cast<unsigned>(grid.threads), 1, 1,
                     static_cast<unsigned>(grid.shared_bytes), CurrentStream(device), arguments,
                     nullptr));
}

std::string CudaProgram::Architecture(c10::Device device) {
  CheckDriver(OfDriver<decltype(cuInit)>("cuInit")(0));
  const auto attribute = [&](CUdevice_attribute which) {
    int value = 0;
    CheckDriver(OfDriver<decltype(cuDeviceGetAttribute)>("cuDeviceGetAttribute")(&value, which,
                                                                                 device.index()));
    return value;
  };
  return absl::StrCat("sm_", attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                      attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
}

CudaProgram::CudaProgram(const char* source, const std::vector<std::string>& kernels,
                         c10::Device device) {
  const Compilation compilation(source, kernels, Architecture(device));
  CUlibrary library = nullptr;
  CheckDriver(OfDriver<decltype(cuLibraryLoadData)>("cuLibraryLoadData")(
      &library, compilation.MachineCode().data(), nullptr, nullptr, 0, nullptr, nullptr, 0));
  for (const std::string& name : kernels) {
    CUkernel kernel = nullptr;
    CheckDriver(OfDriver<decltype(cuLibraryGetKernel)>("cuLibraryGetKernel")(
        &kernel, library, compilation.NameOf(name)));
    kernels_.emplace(name, CudaKernel(kernel));
  }
}

CudaKernel CudaProgram::Find(const std::string& kernel) const { return kernels_.at(kernel); }

}  // namespace darkroom::diffusion
