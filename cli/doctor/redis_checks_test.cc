#include "cli/doctor/redis_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/doctor/check_matchers.h"

namespace darkroom::cli {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Not;

RedisFacts Healthy() {
  RedisFacts facts;
  facts.address = "10.0.0.2:6379";
  facts.info = {{"redis_version", "7.0.15"},
                {"used_memory", "1048576"},
                {"maxmemory", "4194304"},
                {"role", "master"},
                {"aof_enabled", "1"},
                {"aof_last_write_status", "ok"},
                {"aof_last_bgrewrite_status", "ok"}};
  facts.settings = {
      {"appendonly", "yes"}, {"appendfsync", "always"}, {"maxmemory-policy", "noeviction"}};
  facts.is_here = true;
  facts.overcommit = "1";
  facts.ahead = absl::Milliseconds(20);
  facts.uncertainty = absl::Milliseconds(1);
  return facts;
}

TEST(RedisChecksTest, NothingIsWrongWithOneThatIsSetUpWell) {
  const Findings found = CheckRedis(Healthy());
  EXPECT_THAT(found, Each(Field(&Finding::verdict, Verdict::kOk)));
  EXPECT_THAT(found, Contains(Found(Verdict::kOk, "redis", "version 7.0.15 at 10.0.0.2:6379")));
  EXPECT_THAT(found, Contains(Found(Verdict::kOk, "redis memory", "1.0 MiB of 4.0 MiB")));
}

TEST(RedisChecksTest, OfOneThatIsNotReachedNothingElseIsSaid) {
  RedisFacts facts = Healthy();
  facts.reached = absl::UnavailableError("Connection refused");
  EXPECT_THAT(CheckRedis(facts),
              ElementsAre(Found(Verdict::kProblem, "redis",
                                "nobody answers at 10.0.0.2:6379: Connection refused")));
  facts.reached = absl::PermissionDeniedError("NOAUTH Authentication required.");
  const Findings found = CheckRedis(facts);
  EXPECT_THAT(found, ElementsAre(Found(Verdict::kProblem, "redis", "NOAUTH")));
  EXPECT_THAT(found[0].fix, ::testing::HasSubstr("redis_password_file"));
}

TEST(RedisChecksTest, AVersionWithoutFunctionsIsAProblem) {
  RedisFacts facts = Healthy();
  facts.info["redis_version"] = "6.2.14";
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kProblem, "redis", "version 6.2.14")));
  facts.info["redis_version"] = "10.1.0";
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kOk, "redis", "version 10.1.0")));
}

TEST(RedisChecksTest, EachSettingThatLosesJobsIsAProblem) {
  RedisFacts facts = Healthy();
  facts.settings = {
      {"appendonly", "no"}, {"appendfsync", "everysec"}, {"maxmemory-policy", "allkeys-lru"}};
  const Findings found = CheckRedis(facts);
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis settings", "appendonly is no, so")));
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis settings", "everysec")));
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis settings", "jobs vanish")));
  EXPECT_THAT(found, Not(Contains(Field(&Finding::what, "it keeps what it acknowledges"))));
}

TEST(RedisChecksTest, ASettingThatIsNotToldIsAWarning) {
  RedisFacts facts = Healthy();
  facts.settings.erase("appendfsync");
  EXPECT_THAT(CheckRedis(facts),
              Contains(Found(Verdict::kWarning, "redis settings", "it does not tell appendfsync")));
}

TEST(RedisChecksTest, MemoryHasABoundAndRoomBelowIt) {
  RedisFacts facts = Healthy();
  facts.info["maxmemory"] = "0";
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kWarning, "redis memory", "no bound")));
  facts.info["maxmemory"] = "1300000";  // 1048576 is 80.7 % of it
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kProblem, "redis memory", "refused")));
}

TEST(RedisChecksTest, AReplicaAndALogThatIsNotWrittenAreProblems) {
  RedisFacts facts = Healthy();
  facts.info["role"] = "slave";
  facts.info["aof_last_write_status"] = "err";
  facts.info["aof_last_bgrewrite_status"] = "err";
  const Findings found = CheckRedis(facts);
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis role", "replica")));
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis log", "last write")));
  EXPECT_THAT(found, Contains(Found(Verdict::kProblem, "redis log", "last rewrite")));
}

TEST(RedisChecksTest, OvercommitCountsOnItsOwnMachineAlone) {
  RedisFacts facts = Healthy();
  facts.overcommit = "0";
  EXPECT_THAT(CheckRedis(facts),
              Contains(Found(Verdict::kWarning, "redis memory", "vm.overcommit_memory is 0")));
  facts.is_here = false;
  EXPECT_THAT(CheckRedis(facts), Each(Field(&Finding::verdict, Verdict::kOk)));
}

TEST(RedisChecksTest, AClockThatIsFartherOffThanItCouldBeMeasuredIsAWarning) {
  RedisFacts facts = Healthy();
  facts.ahead = absl::Seconds(90);
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kWarning, "clock", "1m30s ahead of")));
  facts.ahead = -absl::Seconds(90);
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kWarning, "clock", "1m30s behind")));
  facts.uncertainty = absl::Seconds(100);
  EXPECT_THAT(CheckRedis(facts), Contains(Found(Verdict::kOk, "clock", "agree")));
}

}  // namespace
}  // namespace darkroom::cli
