// The same store where Redis is not one server by itself.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/redis/redis_loop.h"
#include "tests/contract/calls.h"
#include "tests/contract/contract_test.h"
#include "tests/contract/redis_server.h"
#include "tests/contract/stores.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

RedisReply Ask(const RedisServer& server, std::vector<std::string> command) {
  RedisLoop loop(server.endpoint());
  EXPECT_TRUE(loop.WaitUntilUp(kPatience).ok());
  return Await<RedisReply>(
             kPatience,
             [&](Callback<RedisReply> done) { loop.Send(std::move(command), std::move(done)); })
      .value();
}

// Until `condition` holds; false when that takes too long.
template <typename Condition>
bool Soon(Condition condition) {
  for (const absl::Time limit = absl::Now() + kPatience; absl::Now() < limit;) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

TEST(RedisTopologyTest, AJobGoesItsWholeWayInOneSlotOfACluster) {
  RedisServer server({"--cluster-enabled", "yes"});
  ASSERT_EQ(Ask(server, {"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}).text, "OK");
  ASSERT_TRUE(Soon([&] {
    return Ask(server, {"CLUSTER", "INFO"}).text.find("cluster_state:ok") != std::string::npos;
  }));
  RedisStore store({}, server);
  Calls<RedisStore> calls(&store);
  const JobId id = calls.Submit(NewJob()).value().job.id;
  ASSERT_TRUE(calls.Submit(NewJob()).ok());
  const LeasedJob lease = calls.Acquire({"demo"}, 1).value().at(0);
  EXPECT_EQ(lease.id, id);
  EXPECT_EQ(calls.Renew({KeyOf(lease)}).value().at(0), LeaseStatus::kHeld);
  EXPECT_TRUE(calls.PutPreview(KeyOf(lease), 0, "jpeg").ok());
  EXPECT_TRUE(calls.PutResult(KeyOf(lease), 0, "png").ok());
  EXPECT_TRUE(calls.Finish(KeyOf(lease), Succeeded{.result = "r"}).ok());
  EXPECT_TRUE(calls.Reap().ok());
  EXPECT_EQ(calls.Get("alice", id).value().state, JobState::kSucceeded);
  EXPECT_EQ(calls.Depth().value().queued, 1);
}

TEST(RedisTopologyTest, ASentinelsReplicaTakesOverWithTheQueue) {
  RedisServer master;
  RedisServer replica({"--replicaof", absl::StrCat("127.0.0.1 ", master.endpoint().port)});
  ASSERT_TRUE(Soon([&] {
    return Ask(replica, {"INFO", "replication"}).text.find("master_link_status:up") !=
           std::string::npos;
  }));
  const auto sentinel = RedisServer::Sentinel(master);
  ASSERT_TRUE(Soon([&] {
    return Ask(*sentinel, {"SENTINEL", "REPLICAS", "mymaster"}).elements.size() == 1;
  }));
  RedisOptions options;
  options.endpoint.port = 1;  // is not used
  options.endpoint.sentinels = {{"127.0.0.1", 2}, {"127.0.0.1", sentinel->endpoint().port}};
  const std::unique_ptr<RedisPorts> ports = Connect(options).value();
  Calls<RedisPorts> calls(ports.get());
  const JobId running = calls.Submit(NewJob()).value().job.id;
  const LeasedJob lease = calls.Acquire({"demo"}, 1).value().at(0);
  const JobId queued = calls.Submit(NewJob()).value().job.id;
  EXPECT_EQ(Ask(master, {"WAIT", "1", "5000"}).integer, 1);
  master.Kill();
  ASSERT_TRUE(Soon([&] { return calls.Submit(NewJob()).ok(); }));
  EXPECT_EQ(calls.Get("alice", queued).value().state, JobState::kQueued);
  EXPECT_TRUE(calls.Finish(KeyOf(lease), Succeeded{.result = "r"}).ok());
  EXPECT_EQ(calls.Get("alice", running).value().state, JobState::kSucceeded);
}

TEST(RedisTopologyTest, WithoutAMasterTheSentinelsAreNamed) {
  RedisServer master;
  const auto sentinel = RedisServer::Sentinel(master);
  RedisOptions options;
  options.endpoint.sentinels = {{"127.0.0.1", sentinel->endpoint().port}};
  options.endpoint.master = "another";
  options.start_timeout = absl::Milliseconds(500);
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), absl::StrCat("cannot reach Redis at the master another of the "
                                           "sentinels 127.0.0.1:",
                                           sentinel->endpoint().port));
}

}  // namespace
}  // namespace darkroom::scheduler
