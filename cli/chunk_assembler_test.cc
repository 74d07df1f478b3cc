#include "cli/chunk_assembler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sha256.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

darkroom::v1::ImageChunk Chunk(const std::string& whole, std::size_t offset, std::size_t size) {
  darkroom::v1::ImageChunk chunk;
  chunk.mutable_image()->set_index(2);
  chunk.mutable_image()->set_size_bytes(static_cast<std::int64_t>(whole.size()));
  chunk.mutable_image()->set_sha256(Sha256Hex(whole));
  chunk.set_offset(static_cast<std::int64_t>(offset));
  chunk.set_data(whole.substr(offset, size));
  chunk.set_last(offset + size >= whole.size());
  return chunk;
}

TEST(ChunkAssemblerTest, ReturnsThePictureWithItsLastChunk) {
  ChunkAssembler assembler;
  const auto first = assembler.Add(Chunk("abcdefgh", 0, 5));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, std::nullopt);
  const auto last = assembler.Add(Chunk("abcdefgh", 5, 5));
  ASSERT_TRUE(last.ok()) << last.status();
  ASSERT_TRUE(last->has_value());
  EXPECT_EQ((*last)->bytes, "abcdefgh");
  EXPECT_EQ((*last)->image.index(), 2);
}

TEST(ChunkAssemblerTest, StartsOverWhenTheStreamWasTakenUpAgain) {
  ChunkAssembler assembler;
  ASSERT_TRUE(assembler.Add(Chunk("abcdefgh", 0, 5)).ok());
  ASSERT_TRUE(assembler.Add(Chunk("abcdefgh", 0, 4)).ok());
  const auto last = assembler.Add(Chunk("abcdefgh", 4, 4));
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ((*last)->bytes, "abcdefgh");
}

TEST(ChunkAssemblerTest, RefusesAChunkAfterAGap) {
  ChunkAssembler assembler;
  ASSERT_TRUE(assembler.Add(Chunk("abcdefgh", 0, 3)).ok());
  const auto status = assembler.Add(Chunk("abcdefgh", 5, 3)).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("a chunk at 5 came after 3 bytes"));
}

TEST(ChunkAssemblerTest, RefusesAChunkOfAnotherImageInBetween) {
  ChunkAssembler assembler;
  ASSERT_TRUE(assembler.Add(Chunk("abcdefgh", 0, 5)).ok());
  auto other = Chunk("abcdefgh", 5, 3);
  other.mutable_image()->set_index(1);
  EXPECT_TRUE(absl::IsDataLoss(assembler.Add(other).status()));
}

TEST(ChunkAssemblerTest, RefusesTooFewAndTooManyBytes) {
  ChunkAssembler assembler;
  auto chunk = Chunk("abcdefgh", 0, 8);
  chunk.mutable_image()->set_size_bytes(9);
  EXPECT_TRUE(absl::IsDataLoss(assembler.Add(chunk).status()));
  chunk.mutable_image()->set_size_bytes(7);
  chunk.set_last(false);
  EXPECT_TRUE(absl::IsDataLoss(assembler.Add(chunk).status()));
}

TEST(ChunkAssemblerTest, RefusesBytesWithAnotherDigest) {
  ChunkAssembler assembler;
  auto chunk = Chunk("abcdefgh", 0, 8);
  chunk.set_data("abcdefgH");
  const auto status = assembler.Add(chunk).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("SHA-256"));
}

}  // namespace
}  // namespace darkroom::cli
