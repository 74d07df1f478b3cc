// Arbitrary bytes as a pickle, and as a whole checkpoint: whatever is accepted describes tensors
// that lie inside their storages. Seeds: the data.pkl of tests/convert/corpus/honest (unzip -p),
// and the corpus' own files.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "convert/checkpoint.h"
#include "convert/input_file.h"
#include "convert/pickle_interpreter.h"
#include "convert/state_dict.h"
#include "convert/tensor_bytes.h"
#include "tests/fuzz/check.h"

namespace darkroom::convert {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

// Storages of zeros, of the size that the pickle says.
class Zeros final : public Checkpoint {
 public:
  explicit Zeros(PickleData data) : data_(std::move(data)) {}

  const PickleData& data() const override { return data_; }

  absl::Status ReadStorage(std::uint32_t storage, std::uint64_t offset, std::uint64_t size,
                           Sink sink) override {
    const Storage& read = data_.storages[storage];
    const std::uint64_t bytes = read.elements * ElementBytes(read.type);
    CHECK(offset <= bytes && size <= bytes - offset);
    if (size > kMostBytes) return absl::ResourceExhaustedError("too much");
    return sink(std::string(size, '\0'));
  }

 private:
  PickleData data_;
};

// The last element by a wider type than the one that was checked with.
void CheckInside(const Tensor& tensor, const Storage& storage) {
  CHECK(tensor.shape.size() == tensor.strides.size());
  CHECK(tensor.shape.size() <= Tensor::kMaxDimensions);
  __int128 last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    CHECK(tensor.shape[i] >= 0 && tensor.strides[i] >= 0);
    if (tensor.shape[i] == 0) return;
    last += static_cast<__int128>(tensor.shape[i] - 1) * tensor.strides[i];
  }
  CHECK(last < static_cast<__int128>(storage.elements));
}

void CheckTensors(Checkpoint& checkpoint) {
  const PickleData& data = checkpoint.data();
  for (const Tensor& tensor : data.tensors) CheckInside(tensor, data.storages[tensor.storage]);
  const auto state = SelectStateDict(data);
  if (!state.ok()) return;
  CHECK(!state->tensors.empty());
  for (const NamedTensor& named : state->tensors) {
    const Tensor& tensor = data.tensors[named.tensor];
    const std::uint64_t bytes = TensorBytes(tensor, data);
    if (bytes > kMostBytes) continue;
    std::uint64_t streamed = 0;
    const absl::Status status = StreamTensor(checkpoint, tensor, [&](absl::string_view piece) {
      streamed += piece.size();
      return absl::OkStatus();
    });
    CHECK(!status.ok() || streamed == bytes);
  }
}

void CheckPickle(absl::string_view bytes) {
  auto pickle = ReadPickle({.bytes = bytes, .name = "the input"});
  if (!pickle.ok()) return;
  CHECK(pickle->size <= bytes.size());
  Zeros zeros(std::move(pickle->data));
  CheckTensors(zeros);
}

void CheckFile(absl::string_view bytes) {
  const int memory = memfd_create("checkpoint", MFD_CLOEXEC);
  CHECK(memory >= 0);
  absl::Cleanup closer = [memory] { close(memory); };
  CHECK(write(memory, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  auto file = InputFile::Open(absl::StrCat("/proc/self/fd/", memory));
  CHECK(file.ok());
  const auto checkpoint = OpenCheckpoint(*std::move(file));
  if (checkpoint.ok()) CheckTensors(**checkpoint);
}

}  // namespace
}  // namespace darkroom::convert

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  darkroom::convert::CheckPickle(bytes);
  darkroom::convert::CheckFile(bytes);
  return 0;
}
