#include "prompt/chunks.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kBegin = 1000, kEnd = 1001, kPad = 1002;

// One token a character but spaces; the embedding 7, "EE" to writers, has three vectors.
PromptTokenizer Letters(std::int64_t pad = kEnd) {
  PromptTokenizer tokenizer;
  tokenizer.special = {.begin = kBegin, .end = kEnd, .pad = pad, .comma = ','};
  tokenizer.tokenize = [](absl::string_view text) {
    std::vector<std::int64_t> ids;
    for (const char c : text) {
      if (c != ' ') ids.push_back(c == '$' ? kEnd : c);
    }
    return ids;
  };
  tokenizer.find_embedding =
      [](absl::Span<const std::int64_t> tokens) -> std::optional<EmbeddingMatch> {
    if (tokens.size() < 2 || tokens[0] != 'E' || tokens[1] != 'E') return std::nullopt;
    return EmbeddingMatch{.embedding = 7, .vectors = 3, .tokens = 2};
  };
  return tokenizer;
}

std::vector<Chunk> Chunks(const std::string& text, const ChunkOptions& options = {}) {
  return ChunkPrompt(text, Letters(), options).chunks;
}

// The letters of a chunk, "0" for a place of an embedding.
std::string Text(const Chunk& chunk) {
  std::string text;
  for (int i = 1; i <= chunk.length; ++i) {
    const std::int64_t id = chunk.ids[static_cast<std::size_t>(i)];
    text.push_back(id == 0 ? '0' : static_cast<char>(id));
  }
  return text;
}

std::string Repeat(std::size_t count, char c = 'a') { return std::string(count, c); }

TEST(Chunks, AnEmptyPromptIsOneChunkOfPadding) {
  const std::vector<Chunk> chunks = Chunks("");
  ASSERT_THAT(chunks, SizeIs(1));
  EXPECT_EQ(chunks[0].ids, EmptyChunk(Letters().special).ids);
  EXPECT_EQ(chunks[0].ids[0], kBegin);
  EXPECT_EQ(chunks[0].ids[76], kEnd);
  EXPECT_THAT(chunks[0].multipliers, Each(1.0f));
}

TEST(Chunks, SeventyFiveTokensFillAChunk) {
  EXPECT_THAT(Chunks(Repeat(75)), SizeIs(1));
  const std::vector<Chunk> chunks = Chunks(Repeat(76));
  ASSERT_THAT(chunks, SizeIs(2));
  EXPECT_EQ(Text(chunks[0]), Repeat(75));
  EXPECT_EQ(chunks[0].ids[76], kEnd);
  EXPECT_EQ(Text(chunks[1]), "a");
}

TEST(Chunks, TokensHaveTheWeightOfTheirPiece) {
  const std::vector<Chunk> chunks = Chunks("a (bc:1.5)");
  EXPECT_EQ(Text(chunks[0]), "abc");
  EXPECT_EQ(chunks[0].multipliers[1], 1.0f);
  EXPECT_EQ(chunks[0].multipliers[2], 1.5f);
  EXPECT_EQ(chunks[0].multipliers[3], 1.5f);
  EXPECT_EQ(chunks[0].multipliers[4], 1.0f);
}

TEST(Chunks, IgnoredEmphasisKeepsBreaksAndNoEmphasisKeepsNothing) {
  const std::vector<Chunk> ignored = Chunks("(a:2) BREAK b", {.emphasis = Emphasis::kIgnore});
  ASSERT_THAT(ignored, SizeIs(2));
  EXPECT_EQ(Text(ignored[0]), "a");
  EXPECT_THAT(ignored[0].multipliers, Each(1.0f));
  const std::vector<Chunk> none = Chunks("(a:2) BREAK \\b", {.emphasis = Emphasis::kNone});
  ASSERT_THAT(none, SizeIs(1));
  EXPECT_EQ(Text(none[0]), "(a:2)BREAK\\b");
}

TEST(Chunks, BreakEndsAChunkAlsoAnEmptyOne) {
  const std::vector<Chunk> chunks = Chunks("a BREAK BREAK b");
  ASSERT_THAT(chunks, SizeIs(3));
  EXPECT_EQ(Text(chunks[1]), "");
  EXPECT_EQ(Text(chunks[2]), "b");
  EXPECT_THAT(Chunks("a BREAK"), SizeIs(1));
  EXPECT_THAT(Chunks("BREAK"), SizeIs(1));
}

TEST(Chunks, WhatFollowsANearCommaGoesToTheNextChunk) {
  const std::string head = Repeat(55) + ",";
  const std::vector<Chunk> chunks = Chunks(head + Repeat(20, 'b'));
  ASSERT_THAT(chunks, SizeIs(2));
  EXPECT_EQ(Text(chunks[0]), head);
  EXPECT_EQ(Text(chunks[1]), Repeat(20, 'b'));
  EXPECT_EQ(chunks[0].ids[57], kEnd);
}

TEST(Chunks, AFarCommaAndNoBackOffDoNothing) {
  EXPECT_EQ(Text(Chunks(Repeat(54) + "," + Repeat(21, 'b'))[0]),
            Repeat(54) + "," + Repeat(20, 'b'));
  const std::string prompt = Repeat(70) + "," + Repeat(9, 'b');
  EXPECT_EQ(Text(Chunks(prompt, {.comma_backoff = 0})[0]), Repeat(70) + ",bbbb");
  EXPECT_EQ(Text(Chunks(prompt, {.comma_backoff = 4})[0]), Repeat(70) + ",bbbb");
  EXPECT_EQ(Text(Chunks(prompt, {.comma_backoff = 5})[0]), Repeat(70) + ",");
  EXPECT_EQ(Text(Chunks("," + Repeat(80), {.comma_backoff = 999})[0]), "," + Repeat(74));
  EXPECT_EQ(Text(Chunks("a," + Repeat(80), {.comma_backoff = 999})[0]), "a,");
}

TEST(Chunks, ACommaBehindAFullChunkBeginsTheNext) {
  const std::vector<Chunk> chunks = Chunks(Repeat(75) + "," + Repeat(2, 'b'));
  EXPECT_EQ(Text(chunks[0]), Repeat(75));
  EXPECT_EQ(Text(chunks[1]), ",bb");
}

TEST(Chunks, AnEmbeddingTakesItsVectorsAndNeverStraddles) {
  const std::vector<Chunk> chunks = Chunks("a(EE:1.5)b");
  EXPECT_EQ(Text(chunks[0]), "a000b");
  ASSERT_THAT(chunks[0].embeddings, SizeIs(1));
  EXPECT_EQ(chunks[0].embeddings[0].embedding, 7);
  EXPECT_EQ(chunks[0].embeddings[0].offset, 1);
  EXPECT_EQ(chunks[0].embeddings[0].vectors, 3);
  EXPECT_EQ(chunks[0].multipliers[2], 1.5f);
  EXPECT_EQ(chunks[0].multipliers[4], 1.5f);

  const std::vector<Chunk> pushed = Chunks(Repeat(73) + "EE");
  ASSERT_THAT(pushed, SizeIs(2));
  EXPECT_EQ(Text(pushed[0]), Repeat(73));
  EXPECT_EQ(Text(pushed[1]), "000");
  EXPECT_THAT(pushed[0].embeddings, IsEmpty());
  EXPECT_EQ(pushed[1].embeddings[0].offset, 0);
}

TEST(Chunks, AnEmbeddingMovedByTheCommaRuleStaysBehind) {
  const std::vector<Chunk> chunks = Chunks(Repeat(60) + ",EE" + Repeat(20, 'b'));
  ASSERT_THAT(chunks, SizeIs(2));
  EXPECT_EQ(Text(chunks[1]), "000" + Repeat(20, 'b'));
  ASSERT_THAT(chunks[0].embeddings, SizeIs(1));
  EXPECT_EQ(chunks[0].embeddings[0].offset, 61);
  EXPECT_THAT(chunks[1].embeddings, IsEmpty());
}

TEST(Chunks, AnEmbeddingOfTooManyVectorsFillsAChunk) {
  PromptTokenizer tokenizer = Letters();
  tokenizer.find_embedding = [](absl::Span<const std::int64_t>) {
    return std::optional(EmbeddingMatch{.embedding = 0, .vectors = 500, .tokens = 0});
  };
  const ChunkedPrompt prompt = ChunkPrompt("ab", tokenizer, {});
  ASSERT_THAT(prompt.chunks, SizeIs(2));
  EXPECT_EQ(prompt.chunks[1].length, 75);
}

TEST(Chunks, PaddingFollowsTheFirstEndOfText) {
  const Chunk sd2 = ChunkPrompt("a$b", Letters(kPad), {}).chunks[0];
  EXPECT_EQ(sd2.ids[2], kEnd);
  EXPECT_EQ(sd2.ids[3], kPad);
  EXPECT_EQ(sd2.ids[76], kPad);
  const Chunk sd1 = Chunks("a$b")[0];
  EXPECT_EQ(sd1.ids[3], 'b');
  EXPECT_EQ(EmptyChunk(Letters(kPad).special).ids[1], kEnd);
  EXPECT_EQ(EmptyChunk(Letters(kPad).special).ids[2], kPad);
}

TEST(Chunks, TheTokenCountIsThatOfFullChunksAndTheLast) {
  EXPECT_EQ(ChunkPrompt("", Letters(), {}).token_count, 0);
  EXPECT_EQ(ChunkPrompt("abc", Letters(), {}).token_count, 3);
  EXPECT_EQ(ChunkPrompt("a BREAK bc", Letters(), {}).token_count, 77);
  EXPECT_EQ(ChunkPrompt(Repeat(160), Letters(), {}).token_count, 160);
}

}  // namespace
}  // namespace darkroom::prompt
