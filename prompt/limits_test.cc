#include "prompt/limits.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

constexpr PassSteps kTwenty = {.steps = 20};

std::string Repeat(int count, absl::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i) absl::StrAppend(&all, text);
  return all;
}

TEST(Limits, AnOrdinaryPromptIsOnePartOfItsOwnSize) {
  const PromptSize size = MeasurePrompt("a (red:1.2) apple", kTwenty);
  EXPECT_EQ(size.parts, 1);
  EXPECT_EQ(size.breaks, 0);
  EXPECT_EQ(size.variant_bytes, 17u);
}

TEST(Limits, PartsAreCountedAndNetworksAreNot) {
  EXPECT_EQ(MeasurePrompt("a AND b AND c:0.5", kTwenty).parts, 3);
  EXPECT_EQ(MeasurePrompt("a AND b AND c:0.5", kTwenty).variant_bytes, 5u);  // "a", " b", " c"
  EXPECT_EQ(MeasurePrompt("a<lora:x:1>", kTwenty).variant_bytes, 1u);
  EXPECT_EQ(MeasureNegativePrompt("a AND b", kTwenty).parts, 1);
}

TEST(Limits, DifferentTextsAreCountedOnce) {
  EXPECT_EQ(MeasurePrompt("[aa|bbb]", kTwenty).variant_bytes, 5u);
  EXPECT_EQ(MeasurePrompt("[aa:aa:5]", kTwenty).variant_bytes, 2u);
  EXPECT_EQ(MeasurePrompt("[a:bb:5][c:dd:99]", kTwenty).variant_bytes, 2u + 3u);
  // Parts have texts of their own, also where they are equal.
  EXPECT_EQ(MeasurePrompt("ab AND ab", kTwenty).variant_bytes, 2u + 3u);
}

TEST(Limits, BreaksAreThoseOfTheTextThatHasMost) {
  EXPECT_EQ(MeasurePrompt("a BREAK b BREAK c", kTwenty).breaks, 2);
  EXPECT_EQ(MeasurePrompt("a BREAK b AND c BREAK d BREAK e", kTwenty).breaks, 2);
  EXPECT_EQ(MeasurePrompt("a [b:BREAK b BREAK c:5]", kTwenty).breaks, 2);
  EXPECT_EQ(MeasurePrompt("(a BREAK b:1.2)", kTwenty).breaks, 0);
  EXPECT_EQ(MeasureNegativePrompt(Repeat(70, "BREAK "), kTwenty).breaks, 70);
}

TEST(Limits, WhatIsFarBeyondThemIsMeasuredInNoTime) {
  const PassSteps longest = {.steps = 300};
  EXPECT_EQ(MeasurePrompt(Repeat(800, "a AND "), longest).parts, 801);
  EXPECT_EQ(MeasurePrompt(Repeat(800, "[a|b] AND "), longest).variant_bytes, 0u);
  // Every call reads another text of four thousand bytes.
  std::string rotations = "[0";
  for (int i = 1; i < 60; ++i) absl::StrAppend(&rotations, "|", i);
  rotations += "]";
  rotations += std::string(3800, 'x');
  const PromptSize size = MeasurePrompt(rotations, longest);
  EXPECT_GT(size.variant_bytes, kMaxVariantBytes);
  EXPECT_LT(size.variant_bytes, kMaxVariantBytes + 4096);
}

}  // namespace
}  // namespace darkroom::prompt
