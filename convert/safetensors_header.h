#ifndef DARKROOM_CONVERT_SAFETENSORS_HEADER_H_
#define DARKROOM_CONVERT_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "convert/element_type.h"

namespace darkroom::convert {

// A tensor of a safetensors file that is to be written.
struct TensorHeader {
  std::string name;  // valid UTF-8
  ElementType type = ElementType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;  // the product of shape and element
};

// What Darkroom's own reader accepts (worker/diffusion/weights/safetensors.h).
inline constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxTensors = 65'536;

// Whether `a` comes before `b` in a file: larger elements first, then by name, as
// huggingface/safetensors has it.
bool ComesBefore(const TensorHeader& a, const TensorHeader& b);

// The beginning of a file, up to the first tensor, for tensors in that order: byte for byte what
// safetensors.torch.save_file writes with the metadata {"format": "pt"}. INVALID_ARGUMENT above the
// limits, and for the one name that the format keeps for itself.
absl::StatusOr<std::string> SafetensorsHeader(absl::Span<const TensorHeader> tensors);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_SAFETENSORS_HEADER_H_
