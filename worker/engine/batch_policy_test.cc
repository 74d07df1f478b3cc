#include "worker/engine/batch_policy.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Rows of `images` images of one job that waits since `last_served`.
void AddJob(std::vector<WaitingRow>& rows, int job, int images, int key = 0,
            std::int64_t last_served = 0) {
  for (int i = 0; i < images; ++i) {
    rows.push_back({.job = job, .image = i, .key = key, .last_served = last_served});
  }
}

std::vector<int> JobsOf(const std::vector<WaitingRow>& rows,
                        const std::vector<std::size_t>& chosen) {
  std::vector<int> jobs;
  for (std::size_t i : chosen) jobs.push_back(rows[i].job);
  return jobs;
}

TEST(BatchPolicy, TakesNothingOfNothing) { EXPECT_THAT(ChooseRows({}, {}, 1), IsEmpty()); }

TEST(BatchPolicy, PutsJobsOfOneKeyTogether) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 1);
  AddJob(rows, 1, 2);
  AddJob(rows, 2, 1);
  EXPECT_EQ(ChooseRows(rows, {8}, 1).size(), 4u);
}

TEST(BatchPolicy, NeverMixesKeys) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 2, /*key=*/0);
  AddJob(rows, 1, 2, /*key=*/1);
  const std::vector<std::size_t> chosen = ChooseRows(rows, {8, 8}, 1);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(rows[chosen[0]].key, rows[chosen[1]].key);
}

TEST(BatchPolicy, PrefersTheFullerBatch) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 1, /*key=*/0);
  AddJob(rows, 1, 8, /*key=*/1);
  EXPECT_EQ(ChooseRows(rows, {8, 8}, 1).size(), 8u);
}

TEST(BatchPolicy, ServesALoneRowBesideAnEndlessFullBatch) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 8, /*key=*/0);
  AddJob(rows, 1, 1, /*key=*/1);
  std::vector<int> lone_ticks;
  for (std::int64_t tick = 1; tick <= 20; ++tick) {
    for (std::size_t i : ChooseRows(rows, {8, 8}, tick)) {
      if (rows[i].job == 1) lone_ticks.push_back(static_cast<int>(tick));
      rows[i].last_served = tick;
    }
  }
  EXPECT_GE(lone_ticks.size(), 5u);
  EXPECT_LE(lone_ticks.size(), 10u);
}

TEST(BatchPolicy, StarvesNoKeyOfMany) {
  constexpr int kKeys = 6;
  std::vector<WaitingRow> rows;
  for (int key = 0; key < kKeys; ++key) AddJob(rows, key, 1 + key, key);
  std::map<int, std::int64_t> last;
  for (std::int64_t tick = 1; tick <= 200; ++tick) {
    for (std::size_t i : ChooseRows(rows, std::vector<int>(kKeys, 6), tick)) {
      EXPECT_LE(tick - rows[i].last_served, 2 * kKeys + 1);
      rows[i].last_served = tick;
      last[rows[i].key] = tick;
    }
  }
  for (int key = 0; key < kKeys; ++key) EXPECT_GT(last[key], 200 - 2 * kKeys - 1) << key;
}

TEST(BatchPolicy, KeepsTheImagesOfAJobTogetherWhereTheyFit) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 3, 0, /*last_served=*/0);
  AddJob(rows, 1, 2, 0, /*last_served=*/1);
  AddJob(rows, 2, 1, 0, /*last_served=*/2);
  EXPECT_THAT(JobsOf(rows, ChooseRows(rows, {4}, 3)), ElementsAre(0, 0, 0, 2));
}

TEST(BatchPolicy, FillsTheRoomLeftWithAPartOfAJob) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 3, 0, /*last_served=*/0);
  AddJob(rows, 1, 3, 0, /*last_served=*/1);
  EXPECT_THAT(JobsOf(rows, ChooseRows(rows, {4}, 3)), ElementsAre(0, 0, 0, 1));
}

TEST(BatchPolicy, ServesAJobLargerThanTheForward) {
  std::vector<WaitingRow> rows;
  AddJob(rows, 0, 6);
  for (int job = 1; job <= 4; ++job) AddJob(rows, job, 1);
  std::vector<int> served(rows.size());
  for (std::int64_t tick = 1; tick <= 60; ++tick) {
    const std::vector<std::size_t> chosen = ChooseRows(rows, {4}, tick);
    EXPECT_EQ(chosen.size(), 4u);
    for (std::size_t i : chosen) {
      rows[i].last_served = tick;
      ++rows[i].calls_done;
      ++served[i];
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_GE(served[i], 15) << i;
}

TEST(BatchPolicy, TakesTheImagesThatAreBehindFirst) {
  std::vector<WaitingRow> rows = {{.job = 0, .image = 0, .calls_done = 5, .last_served = 3},
                                  {.job = 0, .image = 1, .calls_done = 4, .last_served = 2},
                                  {.job = 0, .image = 2, .calls_done = 4, .last_served = 2}};
  EXPECT_THAT(ChooseRows(rows, {2}, 4), UnorderedElementsAre(1, 2));
}

}  // namespace
}  // namespace darkroom::worker
