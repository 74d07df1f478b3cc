#include "worker/diffusion/text/tokenizer_folder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "tokenizer/tokenizer_tables.h"
#include "worker/diffusion/weights/json.h"
#include "worker/diffusion/weights/model_folder.h"

namespace darkroom::diffusion {
namespace {

using tokenizer::ClipTokenizer;

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
// CLIP's 49,408 tokens are 512 of bytes, one for each of these, and two special ones.
constexpr std::size_t kClipMerges = 48'894;

absl::StatusOr<ClipTokenizer::Vocabulary> ReadVocabulary(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  absl::StatusOr<Json> root = Json::Parse(text);
  if (!root.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", root.status().message()));
  }
  if (root->object() == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": not a JSON object"));
  }
  ClipTokenizer::Vocabulary vocabulary;
  for (const auto& [token, id] : *root->object()) {
    if (id.integer() == nullptr || *id.integer() < 0 ||
        *id.integer() >= tokenizer::kMaxVocabulary) {
      return absl::InvalidArgumentError(
          absl::StrCat(path.string(), ": the id of '", token, "' is not one"));
    }
    vocabulary.emplace(token, static_cast<int>(*id.integer()));
  }
  return vocabulary;
}

absl::StatusOr<std::vector<std::string>> ReadMerges(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  std::vector<std::string> merges;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripSuffix(line, "\r");
    if (!line.empty() && !absl::StrContains(line, "#version:")) merges.emplace_back(line);
  }
  return merges;
}

// What it makes of texts, whatever it pads with.
absl::StatusOr<std::string> WithoutPadding(const ClipTokenizer& tokenizer) {
  DARKROOM_ASSIGN_OR_RETURN(tokenizer::TokenizerTables tables,
                            tokenizer::ParseTables(tokenizer.Serialise()));
  tables.pad = tables.eos;
  return tokenizer::SerialiseTables(tables);
}

}  // namespace

absl::StatusOr<ClipTokenizer> LoadClipMerges(const std::filesystem::path& path,
                                             const tokenizer::TokenizerConfig& config) {
  DARKROOM_ASSIGN_OR_RETURN(std::vector<std::string> merges, ReadMerges(path));
  if (merges.size() > kClipMerges) merges.resize(kClipMerges);
  absl::StatusOr<ClipTokenizer> tokenizer = ClipTokenizer::FromMerges(merges, config);
  if (!tokenizer.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), ": ", tokenizer.status().message()));
  }
  return tokenizer;
}

absl::StatusOr<ClipTokenizer> LoadTokenizer(const std::filesystem::path& folder,
                                            const tokenizer::TokenizerConfig& config) {
  DARKROOM_ASSIGN_OR_RETURN(const ClipTokenizer::Vocabulary vocabulary,
                            ReadVocabulary(folder / "vocab.json"));
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<std::string> merges,
                            ReadMerges(folder / "merges.txt"));
  absl::StatusOr<ClipTokenizer> tokenizer = ClipTokenizer::Create(vocabulary, merges, config);
  if (!tokenizer.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), ": ", tokenizer.status().message()));
  }
  return tokenizer;
}

absl::Status CheckTokenizers(const ModelConfig& config,
                             absl::Span<const ClipTokenizer> tokenizers) {
  if (tokenizers.empty() || tokenizers.size() != config.text_encoders.size()) {
    return absl::InvalidArgumentError("there is not one tokenizer for each text encoder");
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::string expected, WithoutPadding(tokenizers.front()));
  for (std::size_t i = 0; i < tokenizers.size(); ++i) {
    if (tokenizers[i].vocab_size() > config.text_encoders[i].clip.vocab_size) {
      return absl::InvalidArgumentError("the tokenizer has ids that the text model does not know");
    }
    DARKROOM_ASSIGN_OR_RETURN(const std::string tokens, WithoutPadding(tokenizers[i]));
    if (tokens != expected) {
      return absl::InvalidArgumentError(
          "the tokenizers of the text encoders read texts differently");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ClipTokenizer>> LoadTokenizers(const std::filesystem::path& model_folder,
                                                          const ModelConfig& config) {
  std::vector<ClipTokenizer> tokenizers;
  for (std::size_t i = 0; i < config.text_encoders.size(); ++i) {
    const absl::string_view part = TextEncoderPart(config.family, i);
    DARKROOM_ASSIGN_OR_RETURN(
        ClipTokenizer tokenizer,
        LoadTokenizer(TokenizerFolder(model_folder, part), config.text_encoders[i].tokenizer));
    tokenizers.push_back(std::move(tokenizer));
  }
  const absl::Status fits = CheckTokenizers(config, tokenizers);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(model_folder.string(), ": ", fits.message()));
  }
  return tokenizers;
}

absl::StatusOr<std::vector<ClipTokenizer>> LoadTokenizersOfAll(const std::filesystem::path& path,
                                                               const ModelConfig& config) {
  const bool is_folder = std::filesystem::is_directory(path);
  if (!is_folder && !std::filesystem::exists(path)) {
    return absl::NotFoundError(
        absl::StrCat(path.string(),
                     ": no such file; a model that is a single file needs a "
                     "vocabulary: scripts/setup.sh fetches CLIP's, --tokenizer "
                     "names another"));
  }
  std::vector<ClipTokenizer> tokenizers;
  for (const TextEncoderConfig& encoder : config.text_encoders) {
    DARKROOM_ASSIGN_OR_RETURN(ClipTokenizer tokenizer,
                              is_folder ? LoadTokenizer(path, encoder.tokenizer)
                                        : LoadClipMerges(path, encoder.tokenizer));
    tokenizers.push_back(std::move(tokenizer));
  }
  const absl::Status fits = CheckTokenizers(config, tokenizers);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", fits.message()));
  }
  return tokenizers;
}

}  // namespace darkroom::diffusion
