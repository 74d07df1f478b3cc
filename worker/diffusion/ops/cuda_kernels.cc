#include "worker/diffusion/ops/cuda_kernels.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/empty.h"
#include "ATen/ops/empty_like.h"
#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "worker/diffusion/ops/cuda_source.h"

namespace darkroom::diffusion {
namespace {

constexpr int kVectorBytes = 16;
constexpr int kMostChannels = 4096;  // whose sums a block has room for

// As cuda_source.cc calls them, in the order of CudaKernels::typed_.
constexpr const char* kTypes[] = {"float", "Half", "BFloat16"};
constexpr const char* kAddPartialSums = "AddPartialSums";

std::size_t TypeIndex(at::ScalarType type) {
  return type == at::kFloat ? 0 : type == at::kHalf ? 1 : 2;
}

std::vector<std::string> KernelNames() {
  std::vector<std::string> names = {kAddPartialSums};
  for (const char* type : kTypes) {
    for (const char* kernel : {"PartialSums", "Gate"}) {
      names.push_back(absl::StrCat(kernel, "<", type, ">"));
    }
    for (const char* kernel : {"Normalize", "AddBias"}) {
      for (const char* flag : {"false", "true"}) {
        names.push_back(absl::StrCat(kernel, "<", type, ", ", flag, ">"));
      }
    }
  }
  return names;
}

bool TakesMemory(const at::Tensor& x) {
  return (x.scalar_type() == at::kFloat || x.scalar_type() == at::kHalf ||
          x.scalar_type() == at::kBFloat16) &&
         reinterpret_cast<std::uintptr_t>(x.const_data_ptr()) % kVectorBytes == 0;
}

int VectorSize(const at::Tensor& x) { return kVectorBytes / static_cast<int>(x.element_size()); }

// How the pixels of a picture are dealt to blocks and threads (cuda_source.cc): by a row's own size
// alone.
struct Dealt {
  explicit Dealt(const at::Tensor& x)
      : rows(x.size(0)),
        pixels(static_cast<int>(x.size(2) * x.size(3))),
        channels(static_cast<int>(x.size(1))) {
    constexpr int kThreads = 256;               // about so many
    constexpr int kElements = 1 << 14;          // that a block has, at least
    constexpr std::int64_t kMostChunks = 1024;  // of a row, for somebody has to add them up
    const int vectors = channels / VectorSize(x);
    lanes = std::max(kThreads / vectors, 1);
    const auto least = std::max<std::int64_t>((kElements + channels - 1) / channels,
                                              (pixels + kMostChunks - 1) / kMostChunks);
    chunk = static_cast<int>((least + lanes - 1) / lanes * lanes);
    chunks = (pixels + chunk - 1) / chunk;
    threads = (vectors * lanes + 31) / 32 * 32;
  }

  CudaGrid Grid(std::size_t shared_bytes) const {
    return {.columns = chunks, .rows = rows, .threads = threads, .shared_bytes = shared_bytes};
  }

  std::int64_t rows;
  int pixels, channels;
  int lanes, chunk, chunks, threads;
};

}  // namespace

CudaKernels::Typed::Typed(const CudaProgram& program, const std::string& type)
    : partial_sums(program.Find(absl::StrCat("PartialSums<", type, ">"))),
      normalize(program.Find(absl::StrCat("Normalize<", type, ", false>"))),
      normalize_silu(program.Find(absl::StrCat("Normalize<", type, ", true>"))),
      add_bias(program.Find(absl::StrCat("AddBias<", type, ", false>"))),
      add_bias_and_residual(program.Find(absl::StrCat("AddBias<", type, ", true>"))),
      gate(program.Find(absl::StrCat("Gate<", type, ">"))) {}

CudaKernels::CudaKernels(at::Device device)
    : program_(kCudaSource, KernelNames(), device),
      add_partial_sums_(program_.Find(kAddPartialSums)),
      typed_{Typed(program_, kTypes[0]), Typed(program_, kTypes[1]), Typed(program_, kTypes[2])} {}

const CudaKernels& CudaKernels::Of(at::Device device) {
  // Never freed: the driver may be gone when a process ends.
  static auto& mutex = *new Mutex;
  static auto& all = *new std::map<std::string, std::unique_ptr<const CudaKernels>>;
  const MutexLock lock(&mutex);
  std::unique_ptr<const CudaKernels>& kernels = all[CudaProgram::Architecture(device)];
  if (kernels == nullptr) kernels.reset(new CudaKernels(device));
  return *kernels;
}

const CudaKernels::Typed& CudaKernels::For(const at::Tensor& x) const {
  return typed_[TypeIndex(x.scalar_type())];
}

bool CudaKernels::TakesPicture(const at::Tensor& x) {
  return x.dim() == 4 && x.numel() > 0 && TakesMemory(x) &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.size(1) % VectorSize(x) == 0 &&
         x.size(1) <= kMostChannels;
}

void CudaKernels::AddTo(GroupSums* sums, const at::Tensor& x, int groups) const {
  const Dealt dealt(x);
  const bool add = sums->sum.defined();
  if (!add) {
    sums->sum = at::empty({dealt.rows, groups}, x.options().dtype(at::kDouble));
    sums->squares = at::empty_like(sums->sum);
  }
  sums->count += dealt.channels / groups * std::int64_t{dealt.pixels};
  const at::Tensor partial =
      at::empty({dealt.rows, dealt.chunks, groups, 2}, x.options().dtype(at::kFloat));
  constexpr std::size_t kSums = 2 * sizeof(float);  // of a channel
  For(x).partial_sums.Launch(x.device(), dealt.Grid(dealt.lanes * dealt.channels * kSums),
                             x.const_data_ptr(), partial.mutable_data_ptr(), dealt.pixels,
                             dealt.channels, groups, dealt.lanes, dealt.chunk);
  add_partial_sums_.Launch(x.device(), {.columns = groups, .rows = dealt.rows, .threads = 128},
                           partial.const_data_ptr(), dealt.chunks, add,
                           sums->sum.mutable_data_ptr(), sums->squares.mutable_data_ptr());
}

at::Tensor CudaKernels::Normalize(const at::Tensor& x, const GroupSums& sums,
                                  const GroupNormWeights& weights, Activation activation) const {
  const Dealt dealt(x);
  at::Tensor y = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
  const CudaKernel& kernel =
      activation == Activation::kSilu ? For(x).normalize_silu : For(x).normalize;
  kernel.Launch(x.device(), dealt.Grid(weights.groups * 2 * sizeof(float)), x.const_data_ptr(),
                y.mutable_data_ptr(), sums.sum.const_data_ptr(), sums.squares.const_data_ptr(),
                1 / static_cast<double>(sums.count), static_cast<float>(weights.epsilon),
                weights.scale.const_data_ptr(), weights.shift.const_data_ptr(), dealt.pixels,
                dealt.channels, weights.groups, dealt.lanes, dealt.chunk);
  return y;
}

bool CudaKernels::TakesResidual(const at::Tensor& residual, const at::Tensor& y) {
  if (residual.scalar_type() != y.scalar_type()) return false;
  if (residual.sizes() == y.sizes()) return TakesPicture(residual);
  const std::int64_t rows = residual.size(0);
  return residual.dim() == 4 && (rows == 1 || rows == y.size(0)) && residual.size(1) == y.size(1) &&
         residual.numel() == rows * y.size(1) && residual.is_contiguous() && TakesMemory(residual);
}

void CudaKernels::AddBias(const at::Tensor& bias, const at::Tensor& residual, at::Tensor* y) const {
  const Dealt dealt(*y);
  const auto launch = [&](const CudaKernel& kernel, const void* added, std::int64_t row,
                          std::int64_t pixel) {
    kernel.Launch(y->device(), dealt.Grid(0), y->mutable_data_ptr(), bias.const_data_ptr(), added,
                  row, pixel, dealt.pixels, dealt.channels, dealt.lanes, dealt.chunk);
  };
  if (!residual.defined()) return launch(For(*y).add_bias, nullptr, 0, 0);
  const bool whole = residual.sizes() == y->sizes();
  const std::int64_t of_row = residual.numel() / residual.size(0);
  launch(For(*y).add_bias_and_residual, residual.const_data_ptr(),
         residual.size(0) == 1 && dealt.rows > 1 ? 0 : of_row, whole ? dealt.channels : 0);
}

bool CudaKernels::TakesWide(const at::Tensor& x) {
  return x.numel() > 0 && TakesMemory(x) && x.is_contiguous() &&
         x.size(-1) % (2 * VectorSize(x)) == 0;
}

at::Tensor CudaKernels::Gate(const at::Tensor& wide) const {
  constexpr int kThreads = 256;
  std::vector<std::int64_t> shape = wide.sizes().vec();
  shape.back() /= 2;
  at::Tensor y = at::empty(shape, wide.options());
  const std::int64_t vectors = y.numel() / VectorSize(wide);
  For(wide).gate.Launch(
      wide.device(), {.columns = (vectors + kThreads - 1) / kThreads, .threads = kThreads},
      wide.const_data_ptr(), y.mutable_data_ptr(), vectors, static_cast<int>(shape.back()));
  return y;
}

}  // namespace darkroom::diffusion
