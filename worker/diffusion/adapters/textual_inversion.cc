#include "worker/diffusion/adapters/textual_inversion.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/finite_tensors.h"

namespace darkroom::diffusion {
namespace {

using Shape = std::vector<std::int64_t>;

struct NamedShape {
  std::string name;
  Shape shape;
};

constexpr char kClipL[] = "clip_l";  // the first encoder, OpenAI's CLIP ViT-L
constexpr char kClipG[] = "clip_g";  // the second, OpenCLIP's ViT-bigG

// The tensors in the order of the encoders that they are for.
absl::StatusOr<std::vector<NamedShape>> EncodersOf(const SafetensorsFile::Tensors& tensors) {
  std::vector<NamedShape> found;
  for (const auto& [name, view] : tensors) found.push_back({name, view.shape});
  if (found.size() == 1 && found[0].name != kClipL && found[0].name != kClipG) return found;
  const auto by_name = [](const NamedShape& a, const NamedShape& b) { return a.name > b.name; };
  std::sort(found.begin(), found.end(), by_name);
  if (found.size() == 2 && found[0].name == kClipL && found[1].name == kClipG) return found;
  std::vector<std::string> names;
  for (const NamedShape& tensor : found) names.push_back(tensor.name);
  constexpr std::size_t kListed = 5;
  names.resize(std::min(names.size(), kListed));
  return absl::InvalidArgumentError(
      absl::StrCat("its ", found.size(), " tensors (", absl::StrJoin(names, ", "),
                   ") are no embedding, which is one tensor, or one clip_l and one clip_g"));
}

// The models whose encoders have these widths.
absl::string_view FamilyOf(absl::Span<const std::int64_t> widths) {
  if (widths == absl::MakeConstSpan(Shape{768})) return " (Stable Diffusion 1.x)";
  if (widths == absl::MakeConstSpan(Shape{1024})) return " (Stable Diffusion 2.x)";
  if (widths == absl::MakeConstSpan(Shape{768, 1280})) return " (SDXL)";
  if (widths == absl::MakeConstSpan(Shape{1280})) return " (the SDXL refiner)";
  return "";
}

// OK where each tensor is [n, C] or [C] of its encoder, with one n.
absl::Status CheckShapes(const std::vector<NamedShape>& tensors,
                         absl::Span<const std::int64_t> widths) {
  Shape found;
  for (const NamedShape& tensor : tensors) {
    if (tensor.shape.size() != 1 && tensor.shape.size() != 2) {
      return absl::InvalidArgumentError(absl::StrCat("tensor '", tensor.name, "' is [",
                                                     absl::StrJoin(tensor.shape, ", "),
                                                     "], not [vectors, channels]"));
    }
    found.push_back(tensor.shape.back());
    const std::int64_t count = tensor.shape.size() == 2 ? tensor.shape[0] : 1;
    const Shape& first = tensors.front().shape;
    const std::int64_t first_count = first.size() == 2 ? first[0] : 1;
    if (count != first_count) {
      return absl::InvalidArgumentError(absl::StrCat("tensor '", tensor.name, "' has ", count,
                                                     " vectors, '", tensors.front().name, "' has ",
                                                     first_count));
    }
    if (count < 1 || count > TextualInversion::kMaxVectors) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor '", tensor.name, "' has ", count, " vectors; 1 to ",
                       TextualInversion::kMaxVectors, " fit into a chunk of a prompt"));
    }
  }
  if (absl::MakeConstSpan(found) != widths) {
    return absl::InvalidArgumentError(absl::StrCat(
        "its vectors are for text encoders of ", absl::StrJoin(found, " and "), " channels",
        FamilyOf(found), ", this model's have ", absl::StrJoin(widths, " and "), FamilyOf(widths)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<at::Tensor>> ReadVectors(SafetensorsFile file,
                                                    absl::Span<const std::int64_t> widths) {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<NamedShape> encoders, EncodersOf(file.tensors()));
  DARKROOM_RETURN_IF_ERROR(CheckShapes(encoders, widths));
  FiniteTensors tensors(std::move(file));
  std::vector<at::Tensor> vectors;
  for (const NamedShape& encoder : encoders) {
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor read, tensors.Read(encoder.name));
    vectors.push_back(read.reshape({-1, encoder.shape.back()}));
  }
  return vectors;
}

}  // namespace

absl::StatusOr<TextualInversion> LoadTextualInversion(SafetensorsFile file,
                                                      absl::Span<const std::int64_t> widths) {
  const std::string path = file.path();
  absl::StatusOr<std::vector<at::Tensor>> vectors = ReadVectors(std::move(file), widths);
  if (!vectors.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", vectors.status().message()));
  }
  return TextualInversion{.name = std::filesystem::path(path).stem().string(),
                          .vectors = *std::move(vectors)};
}

}  // namespace darkroom::diffusion
