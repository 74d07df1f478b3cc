#include "worker/diffusion/adapters/textual_inversion.h"

#include <cstddef>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/embedding_layout.h"
#include "worker/diffusion/adapters/finite_tensors.h"

namespace darkroom::diffusion {
namespace {

// The family in brackets, for a message; empty where it is unknown.
std::string InBrackets(absl::Span<const std::int64_t> widths) {
  const std::string family = FamilyOfEncoderWidths(widths);
  return family.empty() ? "" : absl::StrCat(" (", family, ")");
}

absl::StatusOr<std::vector<at::Tensor>> ReadVectors(SafetensorsFile file,
                                                    absl::Span<const std::int64_t> widths) {
  DARKROOM_ASSIGN_OR_RETURN(const EmbeddingLayout layout, FindEmbeddingLayout(file.tensors()));
  if (absl::MakeConstSpan(layout.widths) != widths) {
    return absl::InvalidArgumentError(
        absl::StrCat("its vectors are for text encoders of ", absl::StrJoin(layout.widths, " and "),
                     " channels", InBrackets(layout.widths), ", this model's have ",
                     absl::StrJoin(widths, " and "), InBrackets(widths)));
  }
  FiniteTensors tensors(std::move(file));
  std::vector<at::Tensor> vectors;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor read, tensors.Read(layout.tensors[i]));
    vectors.push_back(read.reshape({-1, widths[i]}));
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
