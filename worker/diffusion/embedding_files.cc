#include "worker/diffusion/embedding_files.h"

#include <algorithm>
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
  names_.clear();
  for (std::size_t i = 0; i < files_.files().size(); ++i) {
    std::vector<std::int64_t> tokens = tokenizer.Tokenize(files_.files()[i].name);
    if (tokens.empty()) continue;
    const std::int64_t first = tokens.front();
    names_[first].push_back({.tokens = std::move(tokens), .file = i});
  }
  for (auto& [first, names] : names_) {
    std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) {
      return a.tokens.size() > b.tokens.size();
    });
  }
}

std::optional<EmbeddingFiles::Match> EmbeddingFiles::Find(
    absl::Span<const std::int64_t> tokens) const {
  if (tokens.empty()) return std::nullopt;
  const auto names = names_.find(tokens.front());
  if (names == names_.end()) return std::nullopt;
  for (const Name& name : names->second) {
    if (tokens.size() < name.tokens.size()) continue;
    if (!std::equal(name.tokens.begin(), name.tokens.end(), tokens.begin())) continue;
    return Match{.file = name.file, .tokens = static_cast<int>(name.tokens.size())};
  }
  return std::nullopt;
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
  const std::optional<EmbeddingFiles::Match> match = files_->Find(tokens);
  if (!match.has_value()) return std::nullopt;
  auto found = found_.find(match->file);
  if (found == found_.end()) {
    auto read = files_->Get(match->file);
    if (!read.ok()) {
      status_.Update(read.status());
      return std::nullopt;
    }
    found = found_.emplace(match->file, *std::move(read)).first;
  }
  return prompt::EmbeddingMatch{.embedding = static_cast<int>(match->file),
                                .vectors = static_cast<int>(found->second->vectors.front().size(0)),
                                .tokens = match->tokens};
}

}  // namespace darkroom::diffusion
