#include "server/admission/tier_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "common/file.h"
#include "common/ids.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;

TEST(TierFileTest, AllKeysOfATierAreRead) {
  const auto tiers = ParseTiers(
      "[tiers.standard]\n"
      "[tiers.pro]\nweight = 8\nqueued = 20\nrunning = 2\ngpu_seconds_a_day = 3_600\n"
      "requests_a_second = 0.5\nburst = 10\npixels = 1048576\nsteps = 50\nimages = 4\n");
  ASSERT_TRUE(tiers.ok()) << tiers.status();
  const Tier& pro = TierOf(*tiers, "pro");
  EXPECT_EQ(pro.terms.tier, "pro");
  EXPECT_EQ(pro.terms.weight, 8);
  EXPECT_EQ(pro.terms.max_queued, 20);
  EXPECT_EQ(pro.terms.max_running, 2);
  EXPECT_EQ(pro.terms.daily_device_time, absl::Hours(1));
  EXPECT_EQ(pro.requests->interval, absl::Seconds(2));
  EXPECT_EQ(pro.requests->burst, 10);
  EXPECT_EQ(pro.limits.pixels, 1 << 20);
  EXPECT_EQ(pro.limits.steps, 50);
  EXPECT_EQ(pro.limits.images, 4);
}

TEST(TierFileTest, WhatIsLeftOutSetsNoLimit) {
  const Tiers tiers = ParseTiers("[tiers.standard]\n").value();
  const Tier& standard = TierOf(tiers, "standard");
  EXPECT_EQ(standard.terms.weight, 1);
  EXPECT_EQ(standard.terms.max_queued, 0);
  EXPECT_EQ(standard.terms.max_running, 0);
  EXPECT_EQ(standard.terms.daily_device_time, absl::InfiniteDuration());
  EXPECT_EQ(standard.limits.pixels, 0);
  EXPECT_EQ(standard.requests, std::nullopt);
}

TEST(TierFileTest, ARateMayBeAWholeNumberAndWithoutABurst) {
  const Tiers tiers = ParseTiers("[tiers.standard]\nrequests_a_second = 4\n").value();
  EXPECT_EQ(TierOf(tiers, "standard").requests->interval, absl::Milliseconds(250));
  EXPECT_EQ(TierOf(tiers, "standard").requests->burst, 1);
}

TEST(TierFileTest, ATierThatIsNotKnownIsTheStandardOne) {
  const Tiers tiers = ParseTiers("[tiers.standard]\nweight = 3\n").value();
  EXPECT_EQ(TierOf(tiers, "gone").terms.weight, 3);
  EXPECT_EQ(TierOf(tiers, "gone").terms.tier, "standard");
}

TEST(TierFileTest, WrongFilesAreToldWithTierKeyAndWhatWouldBeRight) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "the tier \"standard\" is missing"},
      {"[tiers.pro]\n", "add [tiers.standard]"},
      {"[tiers.standard]\nsteps = 0\n",
       "the tier \"standard\": steps is 0; it must be one from 1 to 150, left out for no limit"},
      {"[tiers.standard]\nweight = 1001\n", "weight is 1001; it must be one from 1 to 1000"},
      {"[tiers.standard]\nqueued = -1\n", "queued is -1"},
      {"[tiers.standard]\nimages = 2.5\n", "images is no whole number"},
      {"[tiers.standard]\nimages = \"4\"\n", "images is no whole number"},
      {"[tiers.standard]\nrequests_a_second = 0\n",
       "requests_a_second must be a number from 0.0001 to 10000"},
      {"[tiers.standard]\nrequests_a_second = nan\n", "requests_a_second must be a number"},
      {"[tiers.standard]\nrequests_a_second = \"2\"\n", "requests_a_second must be a number"},
      {"[tiers.standard]\nburst = 3\n", "burst says nothing without requests_a_second"},
      {"[tiers.standard]\nwieght = 2\n", "did you mean \"weight\"?"},
      {"[tiers]\nstandard = 3\n", "begin it with [tiers.standard]"},
      {"[tiers.Pro]\n", "the tier \"Pro\": a tier's name"},
      {"[standard]\nsteps = 3\n", "the key \"standard\": only tables of tiers"},
      {"tiers = 3\n", "the key \"tiers\": only tables of tiers"},
      {"[tiers.standard]\nsteps = 3\nsteps = 4\n", "line 3 is not TOML"},
  };
  for (const auto& [toml, message] : cases) {
    const absl::Status status = ParseTiers(toml).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << toml;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message)) << toml;
  }
}

TEST(TierFileTest, ErrorsNameTheFile) {
  const auto path = std::filesystem::temp_directory_path() / ("tiers-" + RandomId());
  ASSERT_TRUE(WriteFileAtomically(path, "[tiers.standard]\nsteps = 0\n").ok());
  const absl::Status status = ReadTierFile(path).status();
  std::filesystem::remove(path);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path.string() + ": the tier"));
  EXPECT_THAT(std::string(ReadTierFile(path).status().message()), HasSubstr(path.string()));
}

TEST(TierFileTest, WithoutAFileThereIsOneTierWithoutLimits) {
  const Tiers tiers = ReadTierFile("").value();
  ASSERT_EQ(tiers.size(), 1u);
  EXPECT_EQ(TierOf(tiers, "standard").terms.max_queued, 0);
}

}  // namespace
}  // namespace darkroom::server
