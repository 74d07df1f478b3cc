#include "cli/load/load_report.h"

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::cli {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

using End = LoadResult::End;

LoadResult Good(int due, int seconds, const std::string& tenant = "alice") {
  return {.tenant = tenant,
          .kind = "steps=8",
          .due = absl::Seconds(due),
          .end = End::kSucceeded,
          .wait = absl::Seconds(seconds) / 2,
          .total = absl::Seconds(seconds)};
}

std::vector<LoadResult> Hundred() {
  std::vector<LoadResult> results;
  for (int i = 1; i <= 100; ++i) results.push_back(Good(0, i, i <= 50 ? "alice" : "bob"));
  return results;
}

TEST(LatencyTableTest, PercentilesAreThoseOfWhatWasSeen) {
  const std::string table = LatencyTable(Hundred(), absl::Seconds(50));
  EXPECT_THAT(table, ContainsRegex("all +100 +0 +0 +0 +25.00 +47.50 +50.00 +95.00 +99.00 +100.00"));
  EXPECT_THAT(table, ContainsRegex("alice +50 .* 25.00 +48.00 +50.00 +50.00"));
  EXPECT_THAT(table, ContainsRegex("bob +50 .* 75.00 +98.00 +100.00 +100.00"));
  EXPECT_THAT(table, Not(HasSubstr("steps=8"))) << "there is one kind";
  EXPECT_THAT(table, HasSubstr("100 jobs were asked for, 2.00 a second succeeded"));
}

TEST(LatencyTableTest, WhatWentWrongIsCountedByReasonAndLeftOutOfTheTimes) {
  std::vector<LoadResult> results = {Good(0, 1)};
  results.push_back({.tenant = "alice", .end = End::kFailed, .reason = "OUT_OF_MEMORY"});
  results.push_back({.tenant = "alice", .end = End::kRefused, .reason = "QUEUE_FULL"});
  results.push_back({.tenant = "alice", .end = End::kRefused, .reason = "QUEUE_FULL"});
  results.push_back({.tenant = "alice", .end = End::kUnsent});
  const std::string table = LatencyTable(results, absl::Seconds(1));
  EXPECT_THAT(table,
              AllOf(ContainsRegex("all +1 +1 +2 +1 +0.50"), HasSubstr("1 failed OUT_OF_MEMORY"),
                    HasSubstr("2 refused QUEUE_FULL"), HasSubstr("1 unsent\n")));
}

TEST(LatencyTableTest, OfNothingThereAreNoTimes) {
  EXPECT_THAT(LatencyTable({}, absl::Seconds(1)), ContainsRegex("all +0 +0 +0 +0 +- +-"));
  EXPECT_EQ(LatencyPlot({}, absl::Seconds(1)), "");
}

TEST(LatencyPlotTest, BarsAreAsLongAsThePicturesTook) {
  const std::string plot = LatencyPlot({Good(1, 10), Good(55, 40), Good(56, 20)}, absl::Minutes(1));
  const std::vector<std::string> lines = absl::StrSplit(plot, '\n');
  ASSERT_EQ(lines.size(), 22u) << plot;
  EXPECT_THAT(lines[1], AllOf(HasSubstr("0.0 s"), HasSubstr("10.00 s  " + std::string(10, '#'))));
  EXPECT_THAT(lines[2], HasSubstr("-"));
  EXPECT_THAT(lines[19], HasSubstr("20.00 s  " + std::string(20, '#') + std::string(20, '-')));
  for (const std::string& line : lines) EXPECT_LE(line.size(), 78u);
}

TEST(ToJsonLinesTest, EachResultIsALine) {
  std::vector<LoadResult> results = {Good(2, 4)};
  results.push_back({.tenant = "a\"b", .end = End::kRefused, .reason = "QUEUE_FULL"});
  const std::vector<std::string> lines = absl::StrSplit(ToJsonLines(results), '\n');
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], AllOf(HasSubstr("\"total\":4"), HasSubstr("\"end\":\"succeeded\"")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("\"total\":null"), HasSubstr("a\\\"b")));
}

}  // namespace
}  // namespace darkroom::cli
