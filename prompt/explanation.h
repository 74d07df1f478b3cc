#ifndef DARKROOM_PROMPT_EXPLANATION_H_
#define DARKROOM_PROMPT_EXPLANATION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prompt/chunks.h"
#include "prompt/extra_networks.h"
#include "prompt/schedule.h"
#include "prompt/styles.h"
#include "prompt/warnings.h"

namespace darkroom::prompt {

// How a pair of prompts was understood, for people.

struct ExplainedToken {
  std::int64_t id = 0;
  std::string text;  // what the token spells; empty for a vector of an embedding
  double weight = 1;
  std::optional<int> embedding;  // the tokenizer's index of it
};

struct ExplainedChunk {
  std::vector<ExplainedToken> tokens;  // without begin, end and padding
};

// A text that a part reads at some calls of the denoiser.
struct ExplainedText {
  std::string text;
  std::vector<ExplainedChunk> chunks;  // empty where the explanation had to be cut
};

// One entry of a schedule. Entries with equal texts share one.
struct ExplainedEntry {
  CallRange calls;       // empty: never reached
  std::size_t text = 0;  // index into the part's texts
};

struct ExplainedPart {
  double weight = 1;
  bool is_literal = false;
  std::vector<ExplainedEntry> entries;
  std::vector<ExplainedText> texts;
};

struct ExplainedPrompt {
  std::vector<ExplainedPart> parts;
  std::vector<ExtraNetwork> networks;
  std::vector<Warning> warnings;
};

struct Explanation {
  ExplainedPrompt prompt;
  ExplainedPrompt negative_prompt;
};

struct ExplainOptions {
  PassSteps pass;
  ChunkOptions chunks;
  // Texts of a prompt that would bring its tokens above this are left without chunks.
  std::size_t max_tokens = 20'000;
};

// `prompts` after styles. `spell` gives the text of one token. Total; bounded by max_tokens plus
// what MakeSchedule bounds.
Explanation Explain(const PromptPair& prompts, const PromptTokenizer& tokenizer,
                    const std::function<std::string(std::int64_t)>& spell,
                    const ExplainOptions& options);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_EXPLANATION_H_
