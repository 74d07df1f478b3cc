#include "server/core/embedding_warnings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/admission/name_choice.h"
#include "tokenizer/embedding_names.h"

namespace darkroom::server {
namespace {

using Listed = AdapterIndex::Listed;

std::string WarningOf(const Listed& listed) {
  return absl::StrCat(Quoted(listed.adapter().name()), " names an embedding for ",
                      listed.made_for(), ", which this model cannot use: it is read as text.");
}

}  // namespace

std::vector<std::string> WarnOfOtherEmbeddings(absl::string_view prompt,
                                               const AdapterIndex& adapters,
                                               darkroom::v1::ModelFamily family,
                                               tokenizer::ClipTokenizer& tokenizer) {
  std::vector<const Listed*> embeddings = adapters.AllOf(darkroom::v1::ADAPTER_KIND_EMBEDDING);
  // Of equal names the first is found.
  std::stable_partition(embeddings.begin(), embeddings.end(), [family](const Listed* listed) {
    return AdapterIndex::Fits(*listed, family);
  });
  std::vector<tokenizer::NamedEmbedding> named;
  for (const Listed* listed : embeddings) named.push_back({listed->adapter().name(), 1});
  const tokenizer::EmbeddingNames names(named, tokenizer);

  std::vector<std::string> warnings;
  const std::vector<std::int64_t> tokens = tokenizer.Tokenize(prompt);
  for (std::size_t i = 0; i < tokens.size();) {
    const auto match = names.Find(absl::MakeConstSpan(tokens).subspan(i));
    i += match.has_value() ? static_cast<std::size_t>(match->tokens) : 1;
    if (!match.has_value()) continue;
    const Listed& listed = *embeddings[static_cast<std::size_t>(match->embedding)];
    if (AdapterIndex::Fits(listed, family)) continue;
    std::string warning = WarningOf(listed);
    const bool is_new = std::find(warnings.begin(), warnings.end(), warning) == warnings.end();
    if (is_new) warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace darkroom::server
