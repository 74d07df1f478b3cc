#include "worker/diffusion/weights/tensor_reader.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <utility>

#include "ATen/Parallel.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/mutex.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

// What a thread works on at a time: with its conversion it stays in the second-level cache.
constexpr std::int64_t kPieceBytes = std::int64_t{256} << 10;
// How many pieces the system is asked to have read in advance.
constexpr std::size_t kAhead = 128;
// Of the file: what is on the host at a time where weights go to another device.
constexpr std::size_t kGroupBytes = std::size_t{512} << 20;

// A run of numbers of one tensor: whole rows of its first dimension.
struct Piece {
  absl::string_view stored;
  at::ScalarType type = at::kFloat;  // as stored
  char* to = nullptr;
  at::ScalarType dtype = at::kFloat;  // there
  std::int64_t numbers = 0;
  // Of a kernel that is laid out channels-last: [rows, in, area] becomes [rows, area, in].
  std::int64_t in = 1;
  std::int64_t area = 1;
};

bool IsKernel(const TensorView& view) {
  return view.shape.size() == 4 && view.shape[2] * view.shape[3] > 1;
}

// Has the system back what is large with large pages where it can: fresh memory in small ones takes
// longer than everything else (docs/benchmarks.md).
void PreferLargePages(const at::Tensor& tensor) {
  constexpr std::uintptr_t kPage = std::uintptr_t{2} << 20;
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.data_ptr());
  const std::uintptr_t begin = (address + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = (address + tensor.nbytes()) / kPage * kPage;
  // Where it cannot, nothing is lost.
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

void AppendPieces(const TensorView& view, const at::Tensor& to, bool channels_last,
                  std::vector<Piece>* pieces) {
  if (to.numel() == 0) return;
  Piece whole = {.stored = view.bytes,
                 .type = *FloatingType(view.type),
                 .to = static_cast<char*>(to.data_ptr()),
                 .dtype = to.scalar_type(),
                 .numbers = to.numel()};
  if (channels_last) {
    whole.in = view.shape[1];
    whole.area = view.shape[2] * view.shape[3];
  }
  const auto stored_size = static_cast<std::int64_t>(c10::elementSize(whole.type));
  const std::int64_t row = whole.in * whole.area;
  const std::int64_t step = std::max<std::int64_t>(1, kPieceBytes / (row * stored_size)) * row;
  for (std::int64_t begin = 0; begin < to.numel(); begin += step) {
    Piece piece = whole;
    piece.numbers = std::min(step, to.numel() - begin);
    piece.stored = view.bytes.substr(static_cast<std::size_t>(begin * stored_size),
                                     static_cast<std::size_t>(piece.numbers * stored_size));
    piece.to += begin * static_cast<std::int64_t>(to.element_size());
    pieces->push_back(piece);
  }
}

template <typename Number>
void Transpose(const char* source, const Piece& piece) {
  const auto* from = reinterpret_cast<const Number*>(source);
  auto* to = reinterpret_cast<Number*>(piece.to);
  const std::int64_t row = piece.in * piece.area;
  for (std::int64_t done = 0; done < piece.numbers; done += row, from += row, to += row) {
    for (std::int64_t a = 0; a < piece.area; ++a) {
      for (std::int64_t i = 0; i < piece.in; ++i) to[a * piece.in + i] = from[i * piece.area + a];
    }
  }
}

void Convert(char* from, at::ScalarType type, char* to, at::ScalarType dtype,
             std::int64_t numbers) {
  // Below what libtorch splits between its own threads, which would wait for each other.
  constexpr std::int64_t kStep = 16'384;
  const auto from_size = static_cast<std::int64_t>(c10::elementSize(type));
  const auto to_size = static_cast<std::int64_t>(c10::elementSize(dtype));
  for (std::int64_t begin = 0; begin < numbers; begin += kStep) {
    const std::int64_t count = std::min(kStep, numbers - begin);
    at::from_blob(to + begin * to_size, {count}, at::TensorOptions().dtype(dtype))
        .copy_(at::from_blob(from + begin * from_size, {count}, at::TensorOptions().dtype(type)));
  }
}

// Reads pieces of a file. One a thread.
class PieceReader {
 public:
  explicit PieceReader(const SafetensorsFile& file) : file_(file) {}

  absl::Status Read(const Piece& piece) {
    const bool same = piece.type == piece.dtype;
    if (same && piece.area == 1) return file_.Read(piece.stored, piece.to);
    stored_.resize(piece.stored.size());
    DARKROOM_RETURN_IF_ERROR(file_.Read(piece.stored, stored_.data()));
    if (piece.area == 1) {
      Convert(stored_.data(), piece.type, piece.to, piece.dtype, piece.numbers);
      return absl::OkStatus();
    }
    const std::size_t size = c10::elementSize(piece.dtype);
    const std::vector<char>* numbers = &stored_;
    if (!same) {
      converted_.resize(static_cast<std::size_t>(piece.numbers) * size);
      Convert(stored_.data(), piece.type, converted_.data(), piece.dtype, piece.numbers);
      numbers = &converted_;
    }
    if (size == 2) Transpose<std::uint16_t>(numbers->data(), piece);
    if (size == 4) Transpose<std::uint32_t>(numbers->data(), piece);
    if (size == 8) Transpose<std::uint64_t>(numbers->data(), piece);
    return absl::OkStatus();
  }

 private:
  const SafetensorsFile& file_;
  std::vector<char> stored_;
  std::vector<char> converted_;
};

absl::Status ReadPieces(const SafetensorsFile& file, const std::vector<Piece>& pieces) {
  for (std::size_t i = 0; i < std::min(kAhead, pieces.size()); ++i) {
    file.Prefetch(pieces[i].stored);
  }
  std::atomic<std::size_t> next = 0;
  Mutex mutex;
  absl::Status failed;
  // Threads take pieces as they come: none waits for another, as libtorch's own would at the end of
  // each tensor, which on a busy machine takes longer than the work.
  const auto work = [&] {
    const c10::InferenceMode inference;
    PieceReader reader(file);
    for (std::size_t i = next++; i < pieces.size(); i = next++) {
      if (i + kAhead < pieces.size()) file.Prefetch(pieces[i + kAhead].stored);
      const absl::Status status = reader.Read(pieces[i]);
      if (status.ok()) continue;
      next = pieces.size();
      const MutexLock lock(&mutex);
      failed.Update(status);
    }
  };
  const std::size_t threads =
      std::min(static_cast<std::size_t>(at::get_num_threads()), pieces.size());
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  if (failed.ok()) return failed;
  return absl::Status(failed.code(), absl::StrCat(file.path(), ": ", failed.message()));
}

}  // namespace

std::optional<at::ScalarType> FloatingType(TensorType type) {
  switch (type) {
    case TensorType::kF16:
      return at::kHalf;
    case TensorType::kBF16:
      return at::kBFloat16;
    case TensorType::kF32:
      return at::kFloat;
    case TensorType::kF64:
      return at::kDouble;
    default:
      return std::nullopt;
  }
}

absl::Status TensorReader::Read(const SafetensorsFile& file, const std::vector<std::string>& names,
                                at::MemoryFormat kernels) {
  std::vector<std::string> sorted;
  for (const std::string& name : names) {
    if (FloatingType(file.tensors().at(name).type).has_value()) sorted.push_back(name);
  }
  const auto bytes_of = [&file](const std::string& name) { return file.tensors().at(name).bytes; };
  std::sort(sorted.begin(), sorted.end(), [&](const std::string& a, const std::string& b) {
    return bytes_of(a).data() < bytes_of(b).data();
  });
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    for (std::size_t bytes = 0; end < sorted.size() && bytes < kGroupBytes; ++end) {
      bytes += bytes_of(sorted[end]).size();
    }
    DARKROOM_RETURN_IF_ERROR(
        ReadGroup(file, absl::MakeConstSpan(sorted).subspan(begin, end - begin), kernels));
    begin = end;
  }
  return absl::OkStatus();
}

absl::Status TensorReader::ReadGroup(const SafetensorsFile& file,
                                     absl::Span<const std::string> names,
                                     at::MemoryFormat kernels) {
  const at::ScalarType dtype = c10::typeMetaToScalarType(options_.dtype());
  std::vector<Piece> pieces;
  for (const std::string& name : names) {
    const TensorView& view = file.tensors().at(name);
    const auto format = IsKernel(view) ? kernels : at::MemoryFormat::Contiguous;
    at::Tensor& tensor = tensors_[name];
    tensor = at::empty(view.shape, at::TensorOptions().dtype(dtype), format);
    PreferLargePages(tensor);
    AppendPieces(view, tensor, format == at::MemoryFormat::ChannelsLast, &pieces);
  }
  DARKROOM_RETURN_IF_ERROR(ReadPieces(file, pieces));
  for (const std::string& name : names) {
    at::Tensor& tensor = tensors_[name];
    tensor = tensor.to(options_);
  }
  return absl::OkStatus();
}

at::Tensor TensorReader::Find(absl::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? at::Tensor() : found->second;
}

}  // namespace darkroom::diffusion
