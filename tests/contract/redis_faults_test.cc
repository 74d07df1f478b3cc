#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/redis/function_library.h"
#include "tests/contract/calls.h"
#include "tests/contract/contract_test.h"
#include "tests/contract/redis_admin.h"
#include "tests/contract/redis_server.h"
#include "tests/contract/stores.h"

namespace darkroom::scheduler {
namespace {

using testing::HasSubstr;

std::int64_t UsedMemory(RedisAdmin& admin) {
  const RedisReply info = admin.Do({"INFO", "memory"});
  for (absl::string_view line : absl::StrSplit(info.text, "\r\n")) {
    std::int64_t used = 0;
    if (absl::ConsumePrefix(&line, "used_memory:") && absl::SimpleAtoi(line, &used)) return used;
  }
  ADD_FAILURE() << "INFO does not tell the used memory";
  return 0;
}

// Repeats an operation until it does not answer UNAVAILABLE any more.
template <typename Operation>
auto UntilAvailable(Operation operation) {
  for (const absl::Time limit = absl::Now() + absl::Seconds(60);;) {
    auto result = operation();
    if (CodeOf(result) != absl::StatusCode::kUnavailable || absl::Now() > limit) return result;
    absl::SleepFor(absl::Milliseconds(20));
  }
}

TEST(RedisFaultsTest, KillingRedisLosesNoAcknowledgedJob) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  std::vector<JobId> acknowledged;
  for (int i = 0; i < 50; ++i) acknowledged.push_back(calls.Submit(NewJob()).value().job.id);
  const LeasedJob lease = calls.Acquire({"demo"}, 1).value().at(0);
  server.Kill();
  EXPECT_EQ(CodeOf(calls.Submit(NewJob())), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(calls.Get("alice", lease.id)), absl::StatusCode::kUnavailable);
  server.Restart();
  const QueueDepth depth = UntilAvailable([&] { return calls.Depth(); }).value();
  EXPECT_EQ(depth.queued, 49);
  EXPECT_EQ(depth.running, 1);
  for (const JobId& id : acknowledged) EXPECT_TRUE(calls.Get("alice", id).ok());
  EXPECT_TRUE(calls.Finish(KeyOf(lease), Succeeded{.result = "r"}).ok());
}

TEST(RedisFaultsTest, SubscriptionsComeBackAndHintOfWhatWasMissed) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  Mutex mutex;
  int rings = 0;
  const auto subscription = store.events().Subscribe(WorkTopic{}, [&] {
    MutexLock lock(&mutex);
    ++rings;
  });
  const auto rings_after = [&](int before) {
    MutexLock lock(&mutex);
    const auto rung = [&] { return rings > before; };
    return mutex.AwaitWithTimeout(rung, absl::Seconds(30));
  };
  ASSERT_TRUE(rings_after(0)) << "subscribed";
  server.Kill();
  ASSERT_EQ(CodeOf(calls.Depth()), absl::StatusCode::kUnavailable);
  const auto count = [&] {
    MutexLock lock(&mutex);
    return rings;
  };
  int before = count();
  server.Restart();
  EXPECT_TRUE(rings_after(before)) << "after the connection is back";
  // Both connections hint when they are back; a hint beyond those comes from the job.
  ASSERT_TRUE(UntilAvailable([&] { return calls.Depth(); }).ok());
  for (const absl::Time limit = absl::Now() + absl::Seconds(30); count() < before + 2;) {
    ASSERT_LT(absl::Now(), limit);
    absl::SleepFor(absl::Milliseconds(5));
  }
  before = count();
  ASSERT_TRUE(calls.Submit(NewJob()).ok());
  EXPECT_TRUE(rings_after(before)) << "of a new job";
}

TEST(RedisFaultsTest, ASilentRedisIsUnavailableAndComesBack) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  const JobId id = calls.Submit(NewJob()).value().job.id;
  server.Hang();
  EXPECT_EQ(CodeOf(calls.Submit(NewJob())), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(calls.Depth()), absl::StatusCode::kUnavailable);
  server.GoOn();
  EXPECT_EQ(UntilAvailable([&] { return calls.Get("alice", id); }).value().id, id);
}

TEST(RedisFaultsTest, LeasesWhoseAnswerWasLostAreGivenAgain) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  const JobId id = calls.Submit(NewJob()).value().job.id;
  const std::string token = RandomId();
  const auto acquire = [&] { return calls.Acquire({"demo"}, 1, "worker-1", token); };
  server.Hang();
  EXPECT_EQ(CodeOf(acquire()), absl::StatusCode::kUnavailable);
  server.GoOn();  // and leases the job to nobody
  while (UntilAvailable([&] { return calls.Get("alice", id); }).value().state !=
         JobState::kRunning) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  const std::vector<LeasedJob> leased = UntilAvailable(acquire).value();
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, id);
  EXPECT_EQ(leased[0].fence, 1);
  EXPECT_EQ(leased[0].attempt, 1);
  EXPECT_TRUE(calls.Finish(KeyOf(leased[0]), Succeeded{.result = "r"}).ok());
}

TEST(RedisFaultsTest, RedisIsGivenTheFunctionsInAdvance) {
  RedisServer server;
  const RedisStore store({}, server);
  RedisAdmin admin(server.endpoint());
  for (const absl::Time limit = absl::Now() + absl::Seconds(30);;) {
    const RedisReply libraries =
        admin.Do({"FUNCTION", "LIST", "LIBRARYNAME", FunctionLibrary::Get().name()});
    if (libraries.elements.size() == 1) break;
    ASSERT_LT(absl::Now(), limit);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

TEST(RedisFaultsTest, ForgottenFunctionsAreSentAgain) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  admin.Do({"FUNCTION", "FLUSH"});
  const JobId id = calls.Submit(NewJob()).value().job.id;
  admin.Do({"FUNCTION", "FLUSH"});
  EXPECT_EQ(calls.Acquire({"demo"}, 1).value().at(0).id, id);
}

TEST(RedisFaultsTest, ARedisWithoutFunctionsIsRefused) {
  RedisServer server({"--rename-command", "FUNCTION", ""});
  RedisOptions options;
  options.endpoint = server.endpoint();
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 7.0 or later"));
}

TEST(RedisFaultsTest, ARedisThatCouldLoseJobsIsRefusedByName) {
  const std::vector<std::vector<std::string>> unsafe = {
      {"--appendonly", "no"}, {"--appendfsync", "everysec"}, {"--maxmemory-policy", "allkeys-lru"}};
  for (const std::vector<std::string>& setting : unsafe) {
    RedisServer server(setting);
    RedisOptions options;
    options.endpoint = server.endpoint();
    const absl::Status status = Connect(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(setting[0].substr(2)));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--allow_unsafe_redis"));
    options.allow_unsafe = true;
    EXPECT_TRUE(Connect(options).ok());
  }
}

TEST(RedisFaultsTest, APoolThatALaterVersionHasLaidOutIsRefused) {
  RedisAdmin admin(RedisServer::Shared().endpoint());
  RedisOptions options;
  options.endpoint = RedisServer::Shared().endpoint();
  options.pool = RandomId();
  const std::string counters = Keys(options.pool).Counters();
  admin.Do({"HSET", counters, "layout", "1"});
  EXPECT_TRUE(Connect(options).ok());
  for (const std::string layout : {"2", "0", "a castle"}) {
    admin.Do({"HSET", counters, "layout", layout});
    const absl::Status status = Connect(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr("version " + layout));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--pool"));
  }
}

TEST(RedisFaultsTest, ThePasswordIsUsed) {
  RedisServer server({"--requirepass", "secret"});
  RedisOptions options;
  options.endpoint = server.endpoint();
  options.start_timeout = absl::Milliseconds(500);
  EXPECT_EQ(CodeOf(Connect(options)), absl::StatusCode::kUnavailable);
  options.endpoint.password = "wrong";
  EXPECT_EQ(CodeOf(Connect(options)), absl::StatusCode::kUnavailable);
  options.endpoint.password = "secret";
  options.start_timeout = absl::Seconds(30);
  EXPECT_TRUE(Connect(options).ok());
}

TEST(RedisFaultsTest, WithoutMemoryNewWorkIsRefusedWholeAndOldWorkIsFinished) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  const JobId cancelled = calls.Submit(NewJob()).value().job.id;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(calls.Submit(NewJob()).ok());
  const LeasedJob stopped = calls.Acquire({"demo"}, 1).value().at(0);
  ASSERT_EQ(stopped.id, cancelled);
  admin.Do({"CONFIG", "SET", "maxmemory", "1"});

  const Submission refused = NewJob();
  EXPECT_EQ(CodeOf(calls.Submit(refused)), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(calls.Get("alice", refused.id)), absl::StatusCode::kNotFound);
  EXPECT_EQ(calls.Depth().value().queued, 3);
  EXPECT_EQ(CodeOf(calls.PutResult(KeyOf(stopped), 0, "picture")),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(calls.PutStep(KeyOf(stopped), "step")), absl::StatusCode::kResourceExhausted);

  const std::vector<LeasedJob> leases = calls.Acquire({"demo"}, 2).value();
  ASSERT_EQ(leases.size(), 2u);
  EXPECT_EQ(calls.Renew({KeyOf(leases[0])}).value().at(0), LeaseStatus::kHeld);
  EXPECT_TRUE(calls.Cancel("alice", cancelled).value().cancel_requested);
  EXPECT_TRUE(calls.Finish(KeyOf(stopped), Cancelled{}).ok());
  EXPECT_TRUE(calls.Finish(KeyOf(leases[0]), Succeeded{.result = "r"}).ok());
  EXPECT_TRUE(calls.Release(KeyOf(leases[1])).ok());
  EXPECT_TRUE(calls.Reap().ok());
  EXPECT_EQ(calls.Get("alice", leases[0].id).value().state, JobState::kSucceeded);

  admin.Do({"CONFIG", "SET", "maxmemory", "0"});
  for (const absl::Time limit = absl::Now() + absl::Seconds(30);;) {
    if (calls.Submit(refused).ok()) break;
    ASSERT_LT(absl::Now(), limit);
    absl::SleepFor(absl::Milliseconds(50));
  }
}

TEST(RedisFaultsTest, NewWorkIsRefusedBeforeMemoryRunsOut) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  ASSERT_TRUE(calls.Submit(NewJob()).ok());
  admin.Do({"CONFIG", "SET", "maxmemory", absl::StrCat(UsedMemory(admin) * 10 / 9)});
  for (const absl::Time limit = absl::Now() + absl::Seconds(30);;) {
    const absl::Status status = calls.Submit(NewJob()).status();
    if (status.code() == absl::StatusCode::kResourceExhausted) {
      EXPECT_EQ(status.message(), "the queue's store is short of memory");
      break;
    }
    ASSERT_LT(absl::Now(), limit);
    absl::SleepFor(absl::Milliseconds(50));
  }
}

// What stays is of the pool and its tiers.
TEST(RedisFaultsTest, AForgottenJobLeavesNoKeyOfItsOwnBehind) {
  RedisServer server;
  const absl::Duration retention = absl::Milliseconds(200);
  RedisStore store({.lease = retention, .retention = retention}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  Submission submission = NewJob();
  submission.request_id = "r";
  ASSERT_TRUE(calls.Submit(submission).ok());
  const LeaseKey key = KeyOf(calls.Acquire({"demo"}, 1, "worker-1", RandomId()).value().at(0));
  ASSERT_TRUE(calls.PutPreview(key, 0, "jpeg").ok());
  ASSERT_TRUE(calls.PutResult(key, 0, "png").ok());
  ASSERT_TRUE(calls.PutStep(key, "step").ok());
  ASSERT_TRUE(calls.Finish(key, Succeeded{.result = "r"}).ok());
  store.Pass(2 * retention);
  ASSERT_TRUE(calls.Reap().ok());
  const RedisReply keys = admin.Do({"KEYS", "*"});
  std::vector<std::string> names;
  for (const RedisReply& name : keys.elements) {
    names.push_back(name.text.substr(name.text.find("}:") + 2));
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("counters", "throughput", "weights", "clocks",
                                                   "f:standard"));
}

// A gateway from before there were flows cancels so, and leaves the job in its own.
TEST(RedisFaultsTest, AQueueEntryWhoseJobHasEndedIsPassedOver) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  const JobId ended = calls.Submit(NewJob()).value().job.id;
  const JobId next = calls.Submit(NewJob()).value().job.id;
  const std::string key = admin.Do({"KEYS", absl::StrCat("*:j:", ended)}).elements.at(0).text;
  const std::string queued = admin.Do({"KEYS", "*:queued"}).elements.at(0).text;
  admin.Do({"HSET", key, "state", "CANCELLED"});
  admin.Do({"ZREM", queued, ended});
  const std::vector<LeasedJob> leased = calls.Acquire({"demo"}, 10).value();
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, next);
  EXPECT_EQ(calls.Get("alice", ended).value().state, JobState::kCancelled);
  EXPECT_TRUE(calls.DepthByTier().value().empty());
}

// So does one whose queue was another.
TEST(RedisFaultsTest, AQueuedJobWithoutAPlaceIsGivenOne) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  std::vector<JobId> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(calls.Submit(NewJob()).value().job.id);
  for (const char* pattern : {"*:q:*", "*:h:*", "*:n:*", "*:tiers", "*:costs", "*:waiting"}) {
    for (const RedisReply& key : admin.Do({"KEYS", pattern}).elements) admin.Do({"DEL", key.text});
  }
  EXPECT_TRUE(calls.Acquire({"demo"}, 10).value().empty());
  ASSERT_TRUE(calls.Cancel("alice", jobs.back()).ok());
  jobs.pop_back();
  int adopted = 0;
  ReapReport report;
  do {
    report = calls.Reap(2).value();
    EXPECT_LE(report.adopted, 2);
    adopted += report.adopted;
  } while (report.more);
  EXPECT_EQ(adopted, 4);
  EXPECT_EQ(calls.Reap().value().adopted, 0);
  EXPECT_EQ(calls.DepthByTier().value().at(0).queued, 4);
  std::vector<JobId> leased;
  const std::vector<LeasedJob> given = calls.Acquire({"demo"}, 10).value();
  for (const LeasedJob& job : given) leased.push_back(job.id);
  EXPECT_EQ(leased, jobs);
}

TEST(RedisFaultsTest, AQueueEntryWithoutItsJobIsPassedOver) {
  RedisServer server;
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  RedisAdmin admin(server.endpoint());
  const JobId lost = calls.Submit(NewJob()).value().job.id;
  const JobId next = calls.Submit(NewJob()).value().job.id;
  const RedisReply keys = admin.Do({"KEYS", absl::StrCat("*:j:", lost)});
  ASSERT_EQ(keys.elements.size(), 1u);
  admin.Do({"DEL", keys.elements[0].text});
  const std::vector<LeasedJob> leased = calls.Acquire({"demo"}, 10).value();
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_EQ(leased[0].id, next);
  EXPECT_EQ(calls.Depth().value().queued, 0);
}

}  // namespace
}  // namespace darkroom::scheduler
