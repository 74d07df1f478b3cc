#ifndef DARKROOM_TESTS_CONTRACT_REDIS_ADMIN_H_
#define DARKROOM_TESTS_CONTRACT_REDIS_ADMIN_H_

#include <string>
#include <utility>
#include <vector>

#include "common/await.h"
#include "gtest/gtest.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// A connection for what an administrator does, and for what another version of the program has
// done. Waits for each answer.
class RedisAdmin {
 public:
  explicit RedisAdmin(const RedisEndpoint& endpoint) : loop_(endpoint) {
    EXPECT_TRUE(loop_.WaitUntilUp(absl::Seconds(30)).ok());
  }
  RedisReply Do(std::vector<std::string> command) {
    return Await<RedisReply>(
               absl::Seconds(30),
               [&](Callback<RedisReply> done) { loop_.Send(std::move(command), std::move(done)); })
        .value();
  }

 private:
  RedisLoop loop_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_REDIS_ADMIN_H_
