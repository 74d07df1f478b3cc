#include "convert/tensor_bytes.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::convert {
namespace {

std::uint64_t CountElements(const Tensor& tensor) {
  std::uint64_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

bool IsContiguous(const Tensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] == 1) continue;
    if (tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

// Elements from the first to the last of a tensor that has any.
std::uint64_t SpanElements(const Tensor& tensor) {
  std::uint64_t span = 1;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    span += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
            static_cast<std::uint64_t>(tensor.strides[i]);
  }
  return span;
}

// Walks over the elements in order, the last dimension fastest.
class Walk {
 public:
  explicit Walk(const Tensor& tensor) : tensor_(tensor), index_(tensor.shape.size()) {}

  // In elements from the first one.
  std::uint64_t place() const { return place_; }

  void Advance() {
    for (std::size_t i = index_.size(); i-- > 0;) {
      const auto stride = static_cast<std::uint64_t>(tensor_.strides[i]);
      if (++index_[i] < tensor_.shape[i]) {
        place_ += stride;
        return;
      }
      place_ -= stride * static_cast<std::uint64_t>(tensor_.shape[i] - 1);
      index_[i] = 0;
    }
  }

 private:
  const Tensor& tensor_;
  std::vector<std::int64_t> index_;
  std::uint64_t place_ = 0;
};

absl::Status Gather(const Tensor& tensor, absl::string_view span, std::size_t element_bytes,
                    Sink sink) {
  std::string piece;
  piece.reserve(Checkpoint::kPieceBytes);
  Walk walk(tensor);
  for (std::uint64_t left = CountElements(tensor); left > 0; --left) {
    const absl::string_view element = span.substr(walk.place() * element_bytes, element_bytes);
    piece.append(element.data(), element.size());
    walk.Advance();
    if (left > 1 && piece.size() + element_bytes <= Checkpoint::kPieceBytes) continue;
    DARKROOM_RETURN_IF_ERROR(sink(piece));
    piece.clear();
  }
  return absl::OkStatus();
}

}  // namespace

std::uint64_t TensorBytes(const Tensor& tensor, const PickleData& data) {
  return CountElements(tensor) * ElementBytes(data.storages[tensor.storage].type);
}

absl::Status StreamTensor(Checkpoint& checkpoint, const Tensor& tensor, Sink sink) {
  const std::uint64_t element = ElementBytes(checkpoint.data().storages[tensor.storage].type);
  const std::uint64_t count = CountElements(tensor);
  if (count == 0) return absl::OkStatus();
  const std::uint64_t begin = tensor.offset * element;
  if (IsContiguous(tensor)) {
    return checkpoint.ReadStorage(tensor.storage, begin, count * element, sink);
  }
  const std::uint64_t span_bytes = SpanElements(tensor) * element;
  if (span_bytes > kMaxSpanBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "it is spread over ", span_bytes, " bytes, at most ", kMaxSpanBytes, " are gathered"));
  }
  std::string span;
  DARKROOM_RETURN_IF_ERROR(
      checkpoint.ReadStorage(tensor.storage, begin, span_bytes, [&](absl::string_view bytes) {
        span.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      }));
  return Gather(tensor, span, element, sink);
}

}  // namespace darkroom::convert
