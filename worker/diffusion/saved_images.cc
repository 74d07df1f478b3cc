#include "worker/diffusion/saved_images.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "ATen/core/Tensor.h"
#include "ATen/ops/empty.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kVersion = 1;
constexpr std::int64_t kChannels = 4;
// More than any sampler makes or carries: with them a false count costs no time.
constexpr std::uint32_t kMostImages = 256;
constexpr std::uint32_t kMaxRounds = 10'000;
constexpr std::uint32_t kMaxCarried = 16;
constexpr std::uint32_t kMaxSide = 1 << 14;  // of a latent

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a saved step has ", what));
}

std::size_t BytesOf(const SavedImage& image) {
  constexpr std::size_t kFixed = 7 * sizeof(std::uint32_t);
  std::size_t bytes = kFixed + image.sampler.numbers.size() * sizeof(double);
  for (const at::Tensor& tensor : image.sampler.tensors) {
    bytes += 2 * sizeof(std::uint32_t);
    if (tensor.defined()) bytes += tensor.numel() * sizeof(float);
  }
  return bytes;
}

template <typename T>
void Append(T value, std::string& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  char copy[sizeof(T)];
  std::memcpy(copy, &value, sizeof(T));
  bytes.append(copy, sizeof(T));
}

void AppendCount(std::int64_t value, std::string& bytes) {
  Append(static_cast<std::uint32_t>(value), bytes);
}

void AppendTensor(const at::Tensor& tensor, std::string& bytes) {
  AppendCount(tensor.defined() ? tensor.size(2) : 0, bytes);
  AppendCount(tensor.defined() ? tensor.size(3) : 0, bytes);
  if (!tensor.defined()) return;
  const at::Tensor here = tensor.to(at::kCPU).contiguous();
  bytes.append(reinterpret_cast<const char*>(here.const_data_ptr<float>()),
               here.numel() * sizeof(float));
}

void AppendImage(const SavedImage& image, std::string& bytes) {
  const SamplerState& sampler = image.sampler;
  AppendCount(image.pass, bytes);
  AppendCount(image.calls, bytes);
  AppendCount(sampler.rounds, bytes);
  AppendCount(sampler.steps_done, bytes);
  AppendCount(sampler.draws, bytes);
  AppendCount(static_cast<std::int64_t>(sampler.numbers.size()), bytes);
  for (const double number : sampler.numbers) Append(number, bytes);
  AppendCount(static_cast<std::int64_t>(sampler.tensors.size()), bytes);
  for (const at::Tensor& tensor : sampler.tensors) AppendTensor(tensor, bytes);
}

// Takes values off the front of bytes, as far as there are any.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  absl::Status Copy(void* to, std::size_t size) {
    if (size > rest_.size()) return Damaged("an end too early");
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
    return absl::OkStatus();
  }

  absl::StatusOr<std::uint32_t> Count(std::uint32_t most) {
    std::uint32_t value = 0;
    DARKROOM_RETURN_IF_ERROR(Copy(&value, sizeof(value)));
    if (value > most) return Damaged("a count out of its range");
    return value;
  }

  absl::StatusOr<absl::string_view> Text(std::uint32_t most) {
    DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t size, Count(most));
    if (size > rest_.size()) return Damaged("an end too early");
    const absl::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  std::size_t left() const { return rest_.size(); }

 private:
  absl::string_view rest_;
};

absl::StatusOr<at::Tensor> ReadTensor(Reader& reader) {
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t height, reader.Count(kMaxSide));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t width, reader.Count(kMaxSide));
  if (height == 0 && width == 0) return at::Tensor();
  const std::size_t size = kChannels * height * width * sizeof(float);
  if (size == 0 || size > reader.left()) return Damaged("a latent of another size");
  at::Tensor tensor = at::empty({1, kChannels, height, width}, at::kFloat);
  auto* values = tensor.mutable_data_ptr<float>();
  DARKROOM_RETURN_IF_ERROR(reader.Copy(values, size));
  if (!std::all_of(values, values + tensor.numel(), [](float v) { return std::isfinite(v); })) {
    return Damaged("a latent that is not finite");
  }
  return tensor;
}

absl::StatusOr<SamplerState> ReadSampler(Reader& reader) {
  SamplerState state;
  DARKROOM_ASSIGN_OR_RETURN(state.rounds, reader.Count(kMaxRounds));
  DARKROOM_ASSIGN_OR_RETURN(state.steps_done, reader.Count(kMaxRounds));
  DARKROOM_ASSIGN_OR_RETURN(state.draws, reader.Count(kMaxRounds));
  DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t numbers, reader.Count(kMaxCarried));
  for (std::uint32_t i = 0; i < numbers; ++i) {
    double number = 0;
    DARKROOM_RETURN_IF_ERROR(reader.Copy(&number, sizeof(number)));
    if (!std::isfinite(number)) return Damaged("a number that is not finite");
    state.numbers.push_back(number);
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t tensors, reader.Count(kMaxCarried));
  for (std::uint32_t i = 0; i < tensors; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(at::Tensor tensor, ReadTensor(reader));
    if (tensor.defined() && i > 0 && tensor.sizes() != state.tensors[0].sizes()) {
      return Damaged("latents of different sizes");
    }
    if (i == 0 && !tensor.defined()) return Damaged("no latent");
    state.tensors.push_back(std::move(tensor));
  }
  if ((state.rounds == 0) != state.tensors.empty()) return Damaged("no latent");
  return state;
}

absl::StatusOr<SavedImage> ReadImage(Reader& reader) {
  SavedImage image;
  DARKROOM_ASSIGN_OR_RETURN(image.pass, reader.Count(1));
  DARKROOM_ASSIGN_OR_RETURN(image.calls, reader.Count(kMaxRounds));
  DARKROOM_ASSIGN_OR_RETURN(image.sampler, ReadSampler(reader));
  // What the second begins with is not saved.
  if (image.pass == 1 && image.sampler.rounds == 0) return Damaged("no latent");
  return image;
}

}  // namespace

absl::StatusOr<std::string> EncodeImages(absl::Span<const SavedImage> images,
                                         absl::string_view maker, std::size_t max_bytes) {
  std::size_t size = 3 * sizeof(std::uint32_t) + maker.size();
  for (const SavedImage& image : images) size += BytesOf(image);
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat("a step takes ", size, " bytes to save"));
  }
  std::string bytes;
  bytes.reserve(size);
  Append(kVersion, bytes);
  AppendCount(static_cast<std::int64_t>(maker.size()), bytes);
  absl::StrAppend(&bytes, maker);
  AppendCount(static_cast<std::int64_t>(images.size()), bytes);
  for (const SavedImage& image : images) AppendImage(image, bytes);
  return bytes;
}

absl::StatusOr<std::vector<SavedImage>> DecodeImages(absl::string_view bytes,
                                                     absl::string_view maker) {
  Reader reader(bytes);
  DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t version, reader.Count(UINT32_MAX));
  if (version != kVersion) return Damaged("a version that is not known here");
  DARKROOM_ASSIGN_OR_RETURN(const absl::string_view saved_by, reader.Text(UINT32_MAX));
  if (saved_by != maker) return Damaged("numbers of another kind of device, or of other files");
  DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t count, reader.Count(kMostImages));
  std::vector<SavedImage> images;
  for (std::uint32_t i = 0; i < count; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(SavedImage image, ReadImage(reader));
    images.push_back(std::move(image));
  }
  if (reader.left() != 0) return Damaged("something behind its end");
  return images;
}

}  // namespace darkroom::diffusion
