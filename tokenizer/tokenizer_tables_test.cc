#include "tokenizer/tokenizer_tables.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::tokenizer {
namespace {

using testing::HasSubstr;

TokenizerTables Small() {
  TokenizerTables tables;
  tables.vocab_size = 300;
  tables.bos = 298;
  tables.eos = 299;
  tables.pad = 1;
  tables.unknown = 299;
  for (int byte = 0; byte < 256; ++byte) {
    tables.byte_token[static_cast<std::size_t>(byte)] = 255 - byte;
    tables.last_byte_token[static_cast<std::size_t>(byte)] = byte;
  }
  tables.merges = {{1, 2, 290}, {290, 3, 257}, {0, 299, 258}};
  tables.special = {{"<s>", 298}, {std::string("\0\xff", 2), 299}};
  return tables;
}

std::string ProblemOf(const std::string& bytes) {
  const auto tables = ParseTables(bytes);
  EXPECT_EQ(tables.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(tables.status().message());
}

TEST(TokenizerTables, SurviveTheWay) {
  const auto read = ParseTables(SerialiseTables(Small()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->vocab_size, 300);
  EXPECT_EQ(read->bos, 298);
  EXPECT_EQ(read->eos, 299);
  EXPECT_EQ(read->pad, 1);
  EXPECT_EQ(read->unknown, 299);
  EXPECT_EQ(read->byte_token, Small().byte_token);
  EXPECT_EQ(read->last_byte_token, Small().last_byte_token);
  ASSERT_EQ(read->merges.size(), 3u);
  EXPECT_EQ(read->merges[1].left, 290);
  EXPECT_EQ(read->merges[1].right, 3);
  EXPECT_EQ(read->merges[1].merged, 257);
  EXPECT_EQ(read->merges[2].merged, 258);
  ASSERT_EQ(read->special.size(), 2u);
  EXPECT_EQ(read->special[1].spelling, std::string("\0\xff", 2));
  EXPECT_EQ(read->special[1].id, 299);
}

TEST(TokenizerTables, EveryCutAndEveryExtensionIsRefused) {
  const std::string bytes = SerialiseTables(Small());
  for (std::size_t size = 0; size < bytes.size(); ++size) ProblemOf(bytes.substr(0, size));
  EXPECT_THAT(ProblemOf(bytes + "x"), HasSubstr("behind its end"));
}

TEST(TokenizerTables, AByteThatIsAnotherIsRefusedOrKeepsThePromises) {
  const std::string bytes = SerialiseTables(Small());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x40, 0x80, 0xFF}) {
      std::string other = bytes;
      other[i] = static_cast<char>(other[i] ^ flip);
      const auto read = ParseTables(other);
      if (!read.ok()) continue;
      for (const int id : read->byte_token) EXPECT_LT(id, read->vocab_size);
      for (const TokenMerge& merge : read->merges) {
        EXPECT_LT(merge.left, read->vocab_size);
        EXPECT_GE(merge.merged, 0);
        EXPECT_LT(merge.merged, read->vocab_size);
      }
    }
  }
}

TEST(TokenizerTables, WhatIsTooLargeIsRefusedBeforeItIsAllocated) {
  EXPECT_THAT(ProblemOf(std::string(kMaxSerialisedBytes + 1, 'D')), HasSubstr("more than"));
  TokenizerTables tables = Small();
  tables.vocab_size = kMaxVocabulary + 1;
  EXPECT_THAT(ProblemOf(SerialiseTables(tables)), HasSubstr("not below"));
  // A million merges in three bytes.
  tables = Small();
  tables.merges.clear();
  std::string bytes = SerialiseTables(tables);
  bytes.pop_back();
  EXPECT_THAT(ProblemOf(bytes + "\xFF\xFF\x3F"), HasSubstr("cut off"));
}

TEST(TokenizerTables, SomethingElseIsNoTokenizer) {
  EXPECT_THAT(ProblemOf("{\"a\": 1}"), HasSubstr("not a tokenizer"));
  EXPECT_THAT(ProblemOf(""), HasSubstr("not a tokenizer"));
}

}  // namespace
}  // namespace darkroom::tokenizer
