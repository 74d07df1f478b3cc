#ifndef DARKROOM_CONVERT_ELEMENT_TYPE_H_
#define DARKROOM_CONVERT_ELEMENT_TYPE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace darkroom::convert {

// What tensors are made of, in the order in which safetensors sorts them: the types with the
// largest alignment come last here and first in a file (huggingface/safetensors, Dtype).
enum class ElementType : std::uint8_t {
  kBool,
  kU8,
  kI8,
  kI16,
  kF16,
  kBF16,
  kI32,
  kF32,
  kF64,
  kI64
};

// Bytes of one element.
std::uint64_t ElementBytes(ElementType type);

// The name in a safetensors header: "BF16".
absl::string_view ElementName(ElementType type);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_ELEMENT_TYPE_H_
