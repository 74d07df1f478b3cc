#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_SAFETENSORS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/mapped_file.h"

namespace darkroom::diffusion {

// A safetensors file: eight bytes of header length (little-endian), a JSON header of name ->
// {dtype, shape, data_offsets}, and the tensors' bytes (huggingface/safetensors, README). Files
// come from strangers, so nothing in a header is believed before it is checked against the file.

enum class TensorType { kBool, kU8, kI8, kI16, kI32, kI64, kF16, kBF16, kF32, kF64 };

struct TensorView {
  TensorType type = TensorType::kF32;
  std::vector<std::int64_t> shape;
  absl::string_view bytes;  // little-endian, C order, of any alignment; valid while the file is
};

class SafetensorsFile {
 public:
  using Tensors = absl::flat_hash_map<std::string, TensorView>;
  // Texts of strangers.
  using Metadata = std::map<std::string, std::string>;

  static constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;
  static constexpr std::size_t kMaxTensors = 65'536;
  static constexpr std::size_t kMaxDimensions = 8;

  // INVALID_ARGUMENT names the file and what is wrong: header too long, tensors that overlap, leave
  // gaps or do not fill the file, a length that is not the product of its shape, a name or key that
  // occurs twice, an unknown key or dtype.
  static absl::StatusOr<SafetensorsFile> Open(const std::filesystem::path& path);

  const std::string& path() const { return path_; }
  const Tensors& tensors() const { return tensors_; }

  // For bytes of its tensors, as MappedFile has them. Thread-safe.
  absl::Status Read(absl::string_view bytes, char* to) const { return file_.Read(bytes, to); }
  void Prefetch(absl::string_view bytes) const { file_.Prefetch(bytes); }

 private:
  SafetensorsFile(std::string path, MappedFile file, Tensors tensors)
      : path_(std::move(path)), file_(std::move(file)), tensors_(std::move(tensors)) {}

  std::string path_;
  MappedFile file_;
  Tensors tensors_;
};

// What a file says before its data.
struct SafetensorsHeader {
  SafetensorsFile::Tensors tensors;    // without their bytes
  SafetensorsFile::Metadata metadata;  // __metadata__; empty where there is none
};

// Reads and checks as Open does, but maps nothing: of a file that somebody may be writing. Errors
// as of Open.
absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const std::filesystem::path& path);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_SAFETENSORS_H_
