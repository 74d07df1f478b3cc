#include "server/core/explanation_view.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

using Embeddings = absl::Span<const tokenizer::NamedEmbedding>;

void ViewText(const prompt::ExplainedText& explained, Embeddings embeddings, v1::PromptText& text) {
  text.set_text(explained.text);
  for (const prompt::ExplainedChunk& chunk : explained.chunks) {
    v1::PromptChunk& view = *text.add_chunks();
    for (const prompt::ExplainedToken& token : chunk.tokens) {
      v1::PromptToken& shown = *view.add_tokens();
      shown.set_id(token.id);
      shown.set_text(token.text);
      shown.set_weight(token.weight);
      if (token.embedding.has_value()) {
        shown.set_embedding(embeddings[static_cast<std::size_t>(*token.embedding)].name);
      }
    }
  }
}

void ViewPart(const prompt::ExplainedPart& explained, Embeddings embeddings, v1::PromptPart& part) {
  part.set_weight(explained.weight);
  part.set_literal(explained.is_literal);
  for (const prompt::ExplainedEntry& entry : explained.entries) {
    v1::PromptEntry& view = *part.add_entries();
    view.set_first_call(entry.calls.from);
    view.set_end_call(entry.calls.until);
    view.set_text_index(static_cast<int>(entry.text));
  }
  for (const prompt::ExplainedText& text : explained.texts) {
    ViewText(text, embeddings, *part.add_texts());
  }
}

void ViewNetwork(const prompt::ExtraNetwork& network, v1::ExtraNetwork& view) {
  view.set_kind(network.kind);
  for (const std::string& argument : network.positional) view.add_arguments(argument);
  for (const auto& [name, argument] : network.named) {
    auto& named = *view.add_named_arguments();
    named.set_key(name);
    named.set_value(argument);
  }
}

}  // namespace

v1::PromptExplanation ViewExplanation(const prompt::ExplainedPrompt& explained,
                                      Embeddings embeddings) {
  v1::PromptExplanation view;
  for (const prompt::ExplainedPart& part : explained.parts) {
    ViewPart(part, embeddings, *view.add_parts());
  }
  for (const prompt::ExtraNetwork& network : explained.networks) {
    ViewNetwork(network, *view.add_extra_networks());
  }
  for (const prompt::Warning& warning : explained.warnings) view.add_warnings(warning.message);
  return view;
}

}  // namespace darkroom::server
