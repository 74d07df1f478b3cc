#include "common/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace darkroom {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string ValueOf(const ConfigFile& file, absl::string_view table, absl::string_view key) {
  const ConfigEntry* entry = FindEntry(file, table, key);
  return entry == nullptr ? "(none)" : entry->value;
}

TEST(ConfigFileTest, ValuesReadAsOnACommandLine) {
  const ConfigFile file = ParseConfig("x.toml",
                                      "redis = \"10.0.0.2:6379\"\n"
                                      "[worker]\n"
                                      "max_rows = 8\n"
                                      "model_memory = 7.1\n"
                                      "models = ['/srv/models',\n"
                                      "          \"/srv/more\"]\n"
                                      "pin = []\n"
                                      "allow_unsafe_redis = true\n");
  EXPECT_THAT(file.complaints, IsEmpty());
  EXPECT_EQ(ValueOf(file, "worker", "redis"), "10.0.0.2:6379");
  EXPECT_EQ(ValueOf(file, "worker", "max_rows"), "8");
  EXPECT_EQ(ValueOf(file, "worker", "model_memory"), "7.1");
  EXPECT_EQ(ValueOf(file, "worker", "models"), "/srv/models,/srv/more");
  EXPECT_EQ(ValueOf(file, "worker", "pin"), "");
  EXPECT_EQ(ValueOf(file, "worker", "allow_unsafe_redis"), "true");
  EXPECT_TRUE(FindEntry(file, "worker", "models")->is_list);
  EXPECT_EQ(FindEntry(file, "worker", "models")->line, 5);
  EXPECT_EQ(ValueOf(file, "gateway", "max_rows"), "(none)");
}

TEST(ConfigFileTest, AProcesssOwnTableGoesBeforeWhatAllHave) {
  const ConfigFile file = ParseConfig("x.toml", "gateway.pool = 'b'\npool = 'a'\n");
  EXPECT_EQ(ValueOf(file, "gateway", "pool"), "b");
  EXPECT_EQ(ValueOf(file, "worker", "pool"), "a");
}

TEST(ConfigFileTest, EverythingThatNoFlagCouldTakeIsNamedWithItsLine) {
  const ConfigFile file = ParseConfig("x.toml",
                                      "since = 2026-11-27\n"
                                      "redis_sentinels = ['a:1', 'b,c']\n"
                                      "[gatway]\n"
                                      "listen = '127.0.0.1:1'\n"
                                      "[worker.more]\n"
                                      "threads = 2\n");
  EXPECT_THAT(file.entries, IsEmpty());
  EXPECT_THAT(file.complaints,
              ::testing::UnorderedElementsAre(
                  HasSubstr("x.toml:1: since is a date"),
                  HasSubstr("x.toml:2: an element of redis_sentinels"),
                  "x.toml:3: no process has the table [gatway]; there are [gateway], [scheduler], "
                  "[worker]",
                  HasSubstr("x.toml:5: more is a table")));
}

TEST(ConfigFileTest, WhatIsNotTomlIsSaidWithItsLine) {
  for (const char* text : {"\nredis = \n", "\nredis : 'a'\n", "\nredis = 'a'\nredis = 'b'\n"}) {
    const ConfigFile file = ParseConfig("x.toml", text);
    ASSERT_EQ(file.complaints.size(), 1u) << text;
    EXPECT_THAT(file.complaints[0], ::testing::ContainsRegex("^x.toml:[23]: is not TOML: ."));
    EXPECT_THAT(file.entries, IsEmpty());
  }
}

TEST(ConfigFileTest, AFileThatIsNotThereIsAComplaint) {
  EXPECT_THAT(ReadConfig("/no/such.toml").complaints,
              ElementsAre("--config: cannot open /no/such.toml: No such file or directory"));
}

TEST(ConfigFileTest, AnyTextCanBeWrittenAndRead) {
  const std::string text = "a \"quoted\" back\\slash,\n\ttab \x7f \x01 é";
  const ConfigFile file = ParseConfig("x.toml", absl::StrCat("pool = ", TomlText(text), "\n"));
  EXPECT_THAT(file.complaints, IsEmpty());
  EXPECT_EQ(ValueOf(file, "", "pool"), text);
}

}  // namespace
}  // namespace darkroom
