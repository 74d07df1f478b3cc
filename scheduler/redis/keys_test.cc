#include "scheduler/redis/keys.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

// As the Lua functions make it.
std::string Named(const Keys& keys, absl::string_view lua) {
  for (const Keys::Name& name : Keys::Names()) {
    if (name.lua == lua) return absl::StrCat(keys.base(), name.key);
  }
  return "";
}

TEST(KeysTest, AllNamesOfAPoolShareOneHashSlot) {
  const Keys keys("studio");
  EXPECT_EQ(keys.base(), "dr:{studio}:");
  EXPECT_EQ(keys.Events(kId), "dr:{studio}:e:0123456789abcdef0123456789abcdef");
  EXPECT_EQ(keys.Result({.id = kId, .fence = 3}, 1),
            "dr:{studio}:r:0123456789abcdef0123456789abcdef:3:1");
  EXPECT_EQ(keys.Input("ab"), "dr:{studio}:in:ab");
}

TEST(KeysTest, NamesAreThoseOfTheLuaFunctions) {
  const Keys keys("studio");
  EXPECT_EQ(keys.Events(kId), Named(keys, "events") + kId);
  EXPECT_EQ(keys.Previews(kId), Named(keys, "previews") + kId);
  EXPECT_EQ(keys.Document("ab"), Named(keys, "document") + "ab");
  EXPECT_EQ(keys.Step(kId), Named(keys, "steps") + kId);
  EXPECT_EQ(keys.DeadLetters(), Named(keys, "dead"));
  EXPECT_EQ(keys.Audit(), Named(keys, "audit"));
  EXPECT_EQ(keys.Step(kId), Named(keys, "steps") + kId);
  EXPECT_EQ(keys.Channel(JobTopic{kId}), Named(keys, "channel") + kId);
  EXPECT_EQ(keys.Channel(WorkTopic{}), Named(keys, "work"));
}

TEST(KeysTest, NoTwoNamesAreTheSame) {
  std::set<absl::string_view> lua, keys;
  for (const Keys::Name& name : Keys::Names()) {
    EXPECT_TRUE(lua.insert(name.lua).second) << name.lua;
    EXPECT_TRUE(keys.insert(name.key).second) << name.key;
  }
}

TEST(KeysTest, RequestsOfTwoTenantsNeverMeet) {
  EXPECT_EQ(Keys::RequestHash("alice", "r1"), Keys::RequestHash("alice", "r1"));
  EXPECT_NE(Keys::RequestHash("alice", "r1"), Keys::RequestHash("bob", "r1"));
  EXPECT_NE(Keys::RequestHash("a", "br"), Keys::RequestHash("ab", "r"));
  EXPECT_EQ(Keys::RequestHash("alice", "r1").size(), 64u);
}

}  // namespace
}  // namespace darkroom::scheduler
