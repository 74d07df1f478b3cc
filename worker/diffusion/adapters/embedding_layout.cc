#include "worker/diffusion/adapters/embedding_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/adapter_family.h"

namespace darkroom::diffusion {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr char kClipL[] = "clip_l";  // the first encoder, OpenAI's CLIP ViT-L
constexpr char kClipG[] = "clip_g";  // the second, OpenCLIP's ViT-bigG

// The names of the tensors in the order of the encoders that they are for.
absl::StatusOr<std::vector<std::string>> EncodersOf(const SafetensorsFile::Tensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, view] : tensors) names.push_back(name);
  if (names.size() == 1 && names[0] != kClipL && names[0] != kClipG) return names;
  std::sort(names.begin(), names.end(), std::greater<>());
  if (names.size() == 2 && names[0] == kClipL && names[1] == kClipG) return names;
  const std::size_t count = names.size();
  constexpr std::size_t kListed = 5;
  names.resize(std::min(count, kListed));
  return absl::InvalidArgumentError(
      absl::StrCat("its ", count, " tensors (", absl::StrJoin(names, ", "),
                   ") are no embedding, which is one tensor, or one clip_l and one clip_g"));
}

// Adds the tensor's width; its vectors have to be as many as those of the encoder before.
absl::Status AddEncoder(const std::string& name, const Shape& shape, EmbeddingLayout& layout) {
  if (shape.size() != 1 && shape.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor '", name, "' is [", absl::StrJoin(shape, ", "), "], not [vectors, channels]"));
  }
  const std::int64_t count = shape.size() == 2 ? shape[0] : 1;
  if (!layout.widths.empty() && count != layout.vectors) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' has ", count, " vectors, '",
                                                   layout.tensors.front(), "' has ",
                                                   layout.vectors));
  }
  if (count < 1 || count > kMaxEmbeddingVectors) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' has ", count,
                                                   " vectors; 1 to ", kMaxEmbeddingVectors,
                                                   " fit into a chunk of a prompt"));
  }
  layout.vectors = count;
  layout.widths.push_back(shape.back());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EmbeddingLayout> FindEmbeddingLayout(const SafetensorsFile::Tensors& tensors) {
  EmbeddingLayout layout;
  DARKROOM_ASSIGN_OR_RETURN(layout.tensors, EncodersOf(tensors));
  for (const std::string& name : layout.tensors) {
    DARKROOM_RETURN_IF_ERROR(AddEncoder(name, tensors.at(name).shape, layout));
  }
  return layout;
}

std::string FamilyOfEncoderWidths(absl::Span<const std::int64_t> widths) {
  // What the UNet attends to are the outputs of all encoders, side by side.
  return FamilyOfContextWidth(std::accumulate(widths.begin(), widths.end(), std::int64_t{0}));
}

}  // namespace darkroom::diffusion
