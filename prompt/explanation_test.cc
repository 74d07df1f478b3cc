#include "prompt/explanation.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// One token a character but spaces; "E" is an embedding of two vectors.
PromptTokenizer ATokenALetter() {
  PromptTokenizer tokenizer;
  tokenizer.special = {.begin = 1000, .end = 1001, .pad = 1001, .comma = ','};
  tokenizer.tokenize = [](absl::string_view text) {
    std::vector<std::int64_t> ids;
    for (const char c : text) {
      if (c != ' ') ids.push_back(c);
    }
    return ids;
  };
  tokenizer.find_embedding =
      [](absl::Span<const std::int64_t> tokens) -> std::optional<EmbeddingMatch> {
    if (tokens[0] != 'E') return std::nullopt;
    return EmbeddingMatch{.embedding = 4, .vectors = 2, .tokens = 1};
  };
  return tokenizer;
}

Explanation ExplainTen(const PromptPair& prompts, std::size_t max_tokens = 20'000) {
  return Explain(prompts, ATokenALetter(),
                 [](std::int64_t id) { return std::string(1, static_cast<char>(id)); },
                 {.pass = {.steps = 10}, .chunks = {}, .max_tokens = max_tokens});
}

TEST(Explanation, HasPartsEntriesTextsChunksAndTokens) {
  const Explanation explanation =
      ExplainTen({"(a:1.5) [b:c:3] AND E:0.5 <lora:x>", "bad [|worse]"});
  const ExplainedPrompt& prompt = explanation.prompt;
  ASSERT_THAT(prompt.parts, SizeIs(2));
  EXPECT_THAT(prompt.networks, SizeIs(1));
  EXPECT_THAT(prompt.warnings, IsEmpty());

  const ExplainedPart& first = prompt.parts[0];
  ASSERT_THAT(first.entries, SizeIs(2));
  EXPECT_EQ(first.entries[0].calls.from, 0);
  EXPECT_EQ(first.entries[0].calls.until, 4);
  EXPECT_EQ(first.entries[1].calls.until, 10);
  const ExplainedText& text = first.texts[first.entries[1].text];
  EXPECT_EQ(text.text, "(a:1.5) c");
  ASSERT_THAT(text.chunks, SizeIs(1));
  ASSERT_THAT(text.chunks[0].tokens, SizeIs(2));
  EXPECT_EQ(text.chunks[0].tokens[0].id, 'a');
  EXPECT_EQ(text.chunks[0].tokens[0].text, "a");
  EXPECT_EQ(text.chunks[0].tokens[0].weight, 1.5);

  const ExplainedPart& second = prompt.parts[1];
  EXPECT_EQ(second.weight, 0.5);
  ASSERT_THAT(second.texts[0].chunks[0].tokens, SizeIs(2));
  EXPECT_EQ(second.texts[0].chunks[0].tokens[1].embedding, 4);
  EXPECT_EQ(second.texts[0].chunks[0].tokens[1].text, "");

  // Ten entries of the rotation, two texts.
  ASSERT_THAT(explanation.negative_prompt.parts, SizeIs(1));
  EXPECT_THAT(explanation.negative_prompt.parts[0].entries, SizeIs(10));
  EXPECT_THAT(explanation.negative_prompt.parts[0].texts, SizeIs(2));
}

TEST(Explanation, TextsPastTheLimitHaveNoChunks) {
  const Explanation explanation = ExplainTen({"abcd AND efgh", ""}, 5);
  EXPECT_THAT(explanation.prompt.parts[0].texts[0].chunks, SizeIs(1));
  EXPECT_THAT(explanation.prompt.parts[1].texts[0].chunks, IsEmpty());
  EXPECT_THAT(explanation.negative_prompt.parts[0].texts[0].chunks, SizeIs(1));
}

TEST(Explanation, ALiteralPromptSaysSo) {
  const Explanation explanation = ExplainTen({"a | b", ""});
  EXPECT_TRUE(explanation.prompt.parts[0].is_literal);
  EXPECT_THAT(explanation.prompt.warnings, SizeIs(1));
  EXPECT_FALSE(explanation.negative_prompt.parts[0].is_literal);
}

}  // namespace
}  // namespace darkroom::prompt
