#include "scheduler/redis/keys.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

TEST(KeysTest, AllNamesOfAPoolShareOneHashSlot) {
  const Keys keys("studio");
  for (const std::string& name : keys.table()) {
    EXPECT_TRUE(absl::StartsWith(name, "dr:{studio}:")) << name;
  }
  EXPECT_EQ(keys.Events(kId), "dr:{studio}:e:0123456789abcdef0123456789abcdef");
  EXPECT_EQ(keys.Result({.id = kId, .fence = 3}, 1),
            "dr:{studio}:r:0123456789abcdef0123456789abcdef:3:1");
  EXPECT_EQ(keys.Document("ab"), keys.table()[19] + "ab");
  EXPECT_EQ(keys.Input("ab"), "dr:{studio}:in:ab");
  EXPECT_EQ(keys.DeadLetters(), keys.table()[9]);
  EXPECT_EQ(keys.Audit(), keys.table()[38]);
}

TEST(KeysTest, NoTwoEntriesOfTheTableAreTheSame) {
  const Keys keys("studio");
  const std::set<std::string> distinct(keys.table().begin(), keys.table().end());
  EXPECT_EQ(distinct.size(), keys.table().size());
  EXPECT_EQ(keys.table().size(), 42u);
}

TEST(KeysTest, ChannelsAreThoseThatTheScriptsPublishTo) {
  const Keys keys("studio");
  EXPECT_EQ(keys.Channel(JobTopic{kId}), keys.table()[16] + kId);
  EXPECT_EQ(keys.Channel(WorkTopic{}), keys.table()[17]);
}

TEST(KeysTest, RequestsOfTwoTenantsNeverMeet) {
  EXPECT_EQ(Keys::RequestHash("alice", "r1"), Keys::RequestHash("alice", "r1"));
  EXPECT_NE(Keys::RequestHash("alice", "r1"), Keys::RequestHash("bob", "r1"));
  EXPECT_NE(Keys::RequestHash("a", "br"), Keys::RequestHash("ab", "r"));
  EXPECT_EQ(Keys::RequestHash("alice", "r1").size(), 64u);
}

}  // namespace
}  // namespace darkroom::scheduler
