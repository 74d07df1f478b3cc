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
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

using tokenizer::ClipTokenizer;

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

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
    if (!line.empty() && !absl::StartsWith(line, "#version")) merges.emplace_back(line);
  }
  return merges;
}

}  // namespace

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

}  // namespace darkroom::diffusion
