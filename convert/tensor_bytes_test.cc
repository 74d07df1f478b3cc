#include "convert/tensor_bytes.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

using ::testing::ElementsAre;

// One storage of 32-bit numbers that count from 0, and how much was read of it.
class Counting final : public Checkpoint {
 public:
  explicit Counting(std::uint64_t elements) {
    data_.storages.push_back({.type = ElementType::kI32, .key = "0", .elements = elements});
  }

  const PickleData& data() const override { return data_; }

  absl::Status ReadStorage(std::uint32_t, std::uint64_t offset, std::uint64_t size,
                           Sink sink) override {
    read_ += size;
    for (std::uint64_t at = offset; at < offset + size; at += sizeof(std::int32_t)) {
      const auto number = static_cast<std::int32_t>(at / sizeof(std::int32_t));
      char bytes[sizeof number];
      std::memcpy(bytes, &number, sizeof number);
      absl::Status status = sink(absl::string_view(bytes, sizeof number));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::uint64_t read() const { return read_; }

 private:
  PickleData data_;
  std::uint64_t read_ = 0;
};

std::vector<std::int32_t> Stream(Checkpoint& checkpoint, const Tensor& tensor) {
  std::string bytes;
  const absl::Status status = StreamTensor(checkpoint, tensor, [&](absl::string_view piece) {
    EXPECT_LE(piece.size(), Checkpoint::kPieceBytes);
    bytes.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(bytes.size(), TensorBytes(tensor, checkpoint.data()));
  std::vector<std::int32_t> numbers(bytes.size() / sizeof(std::int32_t));
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

TEST(StreamTensor, AContiguousOneIsReadAsItIs) {
  Counting counting(10);
  EXPECT_THAT(Stream(counting, {.offset = 3, .shape = {2, 2}, .strides = {2, 1}}),
              ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(Stream(counting, {.offset = 9, .shape = {}, .strides = {}}), ElementsAre(9));
  EXPECT_EQ(counting.read(), 20U);
}

TEST(StreamTensor, TheStrideOfASingleElementDoesNotMatter) {
  Counting counting(10);
  EXPECT_THAT(Stream(counting, {.offset = 1, .shape = {1, 3}, .strides = {77, 1}}),
              ElementsAre(1, 2, 3));
}

TEST(StreamTensor, StridesAreResolved) {
  Counting counting(24);
  EXPECT_THAT(Stream(counting, {.offset = 0, .shape = {3, 2}, .strides = {1, 3}}),
              ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(Stream(counting, {.offset = 4, .shape = {2, 1, 2}, .strides = {8, 5, 2}}),
              ElementsAre(4, 6, 12, 14));
  EXPECT_THAT(Stream(counting, {.offset = 7, .shape = {2, 2}, .strides = {0, 1}}),
              ElementsAre(7, 8, 7, 8));
}

TEST(StreamTensor, AnEmptyOneReadsNothing) {
  Counting counting(4);
  EXPECT_THAT(Stream(counting, {.offset = 0, .shape = {0, 5}, .strides = {5, 1}}), ElementsAre());
  EXPECT_EQ(counting.read(), 0U);
}

TEST(StreamTensor, GatheredElementsComeInPieces) {
  constexpr std::int64_t kSide = 700;  // 1.9 MiB
  Counting counting(kSide * kSide);
  const auto numbers =
      Stream(counting, {.offset = 0, .shape = {kSide, kSide}, .strides = {1, kSide}});
  ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kSide * kSide));
  EXPECT_EQ(numbers[1], kSide);
  EXPECT_EQ(numbers[kSide], 1);
  EXPECT_EQ(numbers.back(), kSide * kSide - 1);
}

TEST(StreamTensor, WhatIsSpreadTooFarIsRefusedBeforeItIsRead) {
  constexpr std::int64_t kFar = kMaxSpanBytes / 4;
  Counting counting(kFar + 1);
  const absl::Status status = StreamTensor(counting, {.offset = 0, .shape = {2}, .strides = {kFar}},
                                           [](absl::string_view) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(counting.read(), 0U);
}

TEST(StreamTensor, TheSinksErrorEndsIt) {
  Counting counting(8);
  for (const std::int64_t stride : {1, 2}) {
    const absl::Status status =
        StreamTensor(counting, {.offset = 0, .shape = {4}, .strides = {stride}},
                     [](absl::string_view) { return absl::CancelledError("enough"); });
    EXPECT_EQ(status, absl::CancelledError("enough"));
  }
}

}  // namespace
}  // namespace darkroom::convert
