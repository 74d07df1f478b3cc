#include "tokenizer/embedding_names.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tokenizer/prompt_tokenizer.h"

namespace darkroom::tokenizer {
namespace {

class EmbeddingNamesTest : public ::testing::Test {
 protected:
  // The place of the embedding that the text begins with, or -1; and the tokens of its name.
  std::pair<int, int> Find(const std::string& text) {
    const auto match = names_.Find(tokenizer_.Tokenize(text));
    return match.has_value() ? std::pair(match->embedding, match->tokens) : std::pair(-1, 0);
  }

  ClipTokenizer tokenizer_ = ClipTokenizer::ByteLevel(600);
  const std::vector<NamedEmbedding> embeddings_ = {
      {"bad", 1}, {"bad hands", 3}, {"BAD", 2}, {"", 1}, {"big", 75}};
  EmbeddingNames names_{embeddings_, tokenizer_};
};

TEST_F(EmbeddingNamesTest, TheLongestNameIsFoundWhateverItsCase) {
  EXPECT_EQ(Find("bad cat"), std::pair(0, 3));
  EXPECT_EQ(Find("Bad Hands"), std::pair(1, 8));
  EXPECT_EQ(Find("bad hand"), std::pair(0, 3));
  EXPECT_EQ(Find("cat bad"), std::pair(-1, 0)) << "not at the beginning";
  EXPECT_EQ(Find("badly"), std::pair(-1, 0)) << "the end of a word is part of a token";
}

TEST_F(EmbeddingNamesTest, VectorsTakeThePlaceOfTheNameInAChunk) {
  const prompt::PromptTokenizer tokenizer = MakePromptTokenizer(tokenizer_, names_);
  const prompt::ChunkedPrompt prompt = prompt::ChunkPrompt("a bad hands b", tokenizer, {});
  EXPECT_EQ(prompt.token_count, 5);
  ASSERT_EQ(prompt.chunks.size(), 1u);
  ASSERT_EQ(prompt.chunks[0].embeddings.size(), 1u);
  EXPECT_EQ(prompt.chunks[0].embeddings[0].embedding, 1);
  EXPECT_EQ(prompt.chunks[0].embeddings[0].offset, 1);
  EXPECT_EQ(prompt.chunks[0].embeddings[0].vectors, 3);
}

TEST_F(EmbeddingNamesTest, AnEmbeddingThatDoesNotFitBeginsTheNextChunk) {
  const prompt::PromptTokenizer tokenizer = MakePromptTokenizer(tokenizer_, names_);
  const prompt::ChunkedPrompt prompt = prompt::ChunkPrompt("a big", tokenizer, {});
  ASSERT_EQ(prompt.chunks.size(), 2u);
  EXPECT_EQ(prompt.chunks[0].length, 1);
  EXPECT_EQ(prompt.chunks[1].length, 75);
}

}  // namespace
}  // namespace darkroom::tokenizer
