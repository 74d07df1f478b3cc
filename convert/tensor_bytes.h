#ifndef DARKROOM_CONVERT_TENSOR_BYTES_H_
#define DARKROOM_CONVERT_TENSOR_BYTES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "convert/checkpoint.h"
#include "convert/pickle_value.h"

namespace darkroom::convert {

// A tensor that is no contiguous piece of its storage is gathered from the piece that spans it,
// which is then in memory. Nothing else of a tensor's size is.
inline constexpr std::uint64_t kMaxSpanBytes = std::uint64_t{1} << 30;

// Bytes of the tensor with its elements one behind the other.
std::uint64_t TensorBytes(const Tensor& tensor, const PickleData& data);

// Streams the elements of a tensor of checkpoint.data(), the last dimension fastest.
// RESOURCE_EXHAUSTED when it spans more than kMaxSpanBytes with gaps; the errors of
// Checkpoint::ReadStorage; the sink's.
absl::Status StreamTensor(Checkpoint& checkpoint, const Tensor& tensor, Sink sink);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_TENSOR_BYTES_H_
