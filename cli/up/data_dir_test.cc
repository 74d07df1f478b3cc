#include "cli/up/data_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/up/redis_config.h"
#include "common/ids.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(DataDirTest, IsUsedByOneProcessAtATime) {
  const auto path = std::filesystem::temp_directory_path() / RandomId();
  {
    auto first = DataDir::Open(path);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(std::filesystem::is_directory(first->redis()));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    const auto second = DataDir::Open(path);
    EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
    EXPECT_THAT(std::string(second.status().message()), HasSubstr("--data_dir"));
  }
  EXPECT_TRUE(DataDir::Open(path).ok()) << "it is free again";
  std::filesystem::remove_all(path);
}

TEST(DataDirTest, LiesWhereTheUsersDataLies) {
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(DataDir::Default(), "/data/darkroom");
  unsetenv("XDG_DATA_HOME");
  setenv("HOME", "/home/ada", 1);
  EXPECT_EQ(DataDir::Default(), "/home/ada/.local/share/darkroom");
}

TEST(RedisConfigTest, KeepsEveryAcknowledgedWriteAndEveryKey) {
  const std::string config = RedisConfig({6400, "/data/my \"own\"", "1gb", "secret7"});
  EXPECT_THAT(config, HasSubstr("\nbind 127.0.0.1\n"));
  EXPECT_THAT(config, HasSubstr("\nport 6400\n"));
  EXPECT_THAT(config, HasSubstr("\ndir \"/data/my \\\"own\\\"\"\n"));
  EXPECT_THAT(config, HasSubstr("\nappendonly yes\n"));
  EXPECT_THAT(config, HasSubstr("\nappendfsync always\n"));
  EXPECT_THAT(config, HasSubstr("\nmaxmemory 1gb\n"));
  EXPECT_THAT(config, HasSubstr("\nmaxmemory-policy noeviction\n"));
  EXPECT_THAT(config, HasSubstr("\nstream-node-max-bytes 512\n"));
  EXPECT_THAT(config, HasSubstr("\nhash-max-listpack-value 4096\n"));
  EXPECT_THAT(config, HasSubstr("\nrequirepass secret7\n"));
  EXPECT_EQ(RedisConfig({6400, "/data", "1gb", ""}).find("requirepass"), std::string::npos);
}

}  // namespace
}  // namespace darkroom::cli
