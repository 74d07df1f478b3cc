#include "prompt/explanation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/string_view.h"
#include "prompt/plan.h"

namespace darkroom::prompt {
namespace {

class Explainer {
 public:
  Explainer(const PromptTokenizer& tokenizer, const std::function<std::string(std::int64_t)>& spell,
            const ExplainOptions& options)
      : tokenizer_(tokenizer), spell_(spell), options_(options) {}

  ExplainedPrompt Explain(PromptPlan plan, std::vector<Warning> warnings) {
    tokens_left_ = options_.max_tokens;
    ExplainedPrompt result = {{}, std::move(plan.networks), std::move(warnings)};
    for (const PlannedPart& part : plan.parts) result.parts.push_back(ExplainPart(part));
    return result;
  }

 private:
  ExplainedPart ExplainPart(const PlannedPart& part) {
    const Schedule& schedule = part.schedule;
    ExplainedPart result = {part.weight, schedule.is_literal, {}, {}};
    std::map<absl::string_view, std::size_t> places;
    for (std::size_t i = 0; i < schedule.entries.size(); ++i) {
      const std::string& text = schedule.entries[i].text;
      const auto [place, is_new] = places.emplace(text, result.texts.size());
      if (is_new) result.texts.push_back(ExplainText(text));
      result.entries.push_back({CallsOfEntry(schedule, i, options_.pass.steps), place->second});
    }
    return result;
  }

  ExplainedText ExplainText(const std::string& text) {
    ExplainedText result = {text, {}};
    if (tokens_left_ == 0) return result;
    const ChunkedPrompt prompt = ChunkPrompt(text, tokenizer_, options_.chunks);
    std::size_t tokens = 0;
    for (const Chunk& chunk : prompt.chunks) {
      tokens += static_cast<std::size_t>(std::max(chunk.length, 1));  // BREAKs make empty ones
    }
    if (tokens > tokens_left_) {
      tokens_left_ = 0;
      return result;
    }
    tokens_left_ -= tokens;
    for (const Chunk& chunk : prompt.chunks) result.chunks.push_back(ExplainChunk(chunk));
    return result;
  }

  ExplainedChunk ExplainChunk(const Chunk& chunk) {
    ExplainedChunk result;
    result.tokens.resize(static_cast<std::size_t>(chunk.length));
    for (const PlacedEmbedding& placed : chunk.embeddings) {
      const int end = std::min(placed.offset + placed.vectors, chunk.length);
      for (int i = placed.offset; i < end; ++i) {
        result.tokens[static_cast<std::size_t>(i)].embedding = placed.embedding;
      }
    }
    for (std::size_t i = 0; i < result.tokens.size(); ++i) {
      ExplainedToken& token = result.tokens[i];
      token.id = chunk.ids[i + 1];
      token.weight = chunk.multipliers[i + 1];
      if (!token.embedding.has_value()) token.text = spell_(token.id);
    }
    return result;
  }

  const PromptTokenizer& tokenizer_;
  const std::function<std::string(std::int64_t)>& spell_;
  const ExplainOptions& options_;
  std::size_t tokens_left_ = 0;
};

}  // namespace

Explanation Explain(const PromptPair& prompts, const PromptTokenizer& tokenizer,
                    const std::function<std::string(std::int64_t)>& spell,
                    const ExplainOptions& options) {
  const Emphasis emphasis = options.chunks.emphasis;
  PromptPlan plan = PlanPrompt(prompts.prompt, options.pass);
  PromptPlan negative = PlanNegativePrompt(prompts.negative_prompt, options.pass);
  std::vector<Warning> warnings = FindWarnings(plan, options.pass, emphasis);
  std::vector<Warning> negative_warnings =
      FindNegativeWarnings(prompts.negative_prompt, negative, options.pass, emphasis);
  Explainer explainer(tokenizer, spell, options);
  Explanation result;
  result.prompt = explainer.Explain(std::move(plan), std::move(warnings));
  result.negative_prompt = explainer.Explain(std::move(negative), std::move(negative_warnings));
  return result;
}

}  // namespace darkroom::prompt
