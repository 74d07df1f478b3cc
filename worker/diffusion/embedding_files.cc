#include "worker/diffusion/embedding_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kMaxEmbeddingBytes = std::int64_t{64} << 20;

std::vector<std::int64_t> EncoderWidths(const ModelConfig& config) {
  std::vector<std::int64_t> widths;
  for (const TextEncoderConfig& encoder : config.text_encoders) {
    widths.push_back(encoder.clip.hidden_size);
  }
  return widths;
}

}  // namespace

EmbeddingFiles::EmbeddingFiles(const ModelConfig& config)
    : files_(kMaxEmbeddingBytes,
             [widths = EncoderWidths(config)](
                 const NamedFile& file) -> absl::StatusOr<std::shared_ptr<const TextualInversion>> {
               DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile opened, SafetensorsFile::Open(file.path));
               DARKROOM_ASSIGN_OR_RETURN(TextualInversion read,
                                         LoadTextualInversion(std::move(opened), widths));
               return std::make_shared<const TextualInversion>(std::move(read));
             }) {}

void EmbeddingFiles::SetFiles(std::vector<NamedFile> files, tokenizer::ClipTokenizer& tokenizer) {
  files_.SetFiles(std::move(files));
  std::vector<tokenizer::NamedEmbedding> names;
  for (const NamedFile& file : files_.files()) names.push_back({.name = file.name});
  names_ = tokenizer::EmbeddingNames(names, tokenizer);
}

absl::StatusOr<std::shared_ptr<const TextualInversion>> EmbeddingFiles::Get(std::size_t file) {
  const NamedFile& named = files_.files()[file];
  auto read = files_.Get(named);
  if (read.ok()) return read;
  return absl::InvalidArgumentError(absl::StrCat(
      "prompt or negative_prompt names the embedding '", named.name, "', which cannot be used: ",
      absl::StrReplaceAll(read.status().message(),
                          {{named.path.string(), named.path.filename().string()}})));
}

std::optional<prompt::EmbeddingMatch> RequestEmbeddings::Find(
    absl::Span<const std::int64_t> tokens) {
  std::optional<prompt::EmbeddingMatch> match = files_->Find(tokens);
  if (!match.has_value()) return std::nullopt;
  const auto file = static_cast<std::size_t>(match->embedding);
  auto found = found_.find(file);
  if (found == found_.end()) {
    auto read = files_->Get(file);
    if (!read.ok()) {
      status_.Update(read.status());
      return std::nullopt;
    }
    found = found_.emplace(file, *std::move(read)).first;
  }
  match->vectors = static_cast<int>(found->second->vectors.front().size(0));
  return match;
}

}  // namespace darkroom::diffusion
