// The file of settings, as the real programs read it.

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/config_file.h"
#include "common/file.h"
#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/test_certificate.h"
#include "tests/integration/command_run.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kExample[] = "deploy/darkroom.toml";
constexpr std::size_t kMaxBytes = 1 << 20;

std::vector<std::string> Processes() {
  std::vector<std::string> names = {"gateway", "scheduler"};
  if (std::filesystem::exists(ProgramFolder() / "darkroom-worker")) names.emplace_back("worker");
  return names;
}

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("c-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  // What a program makes of its settings; here, so that it sees the models of the source tree.
  ProgramRun Check(const std::string& process, const std::string& arguments) {
    return ProgramRun(folder_, std::filesystem::current_path(),
                      absl::StrCat((ProgramFolder() / "darkroom-").string(), process,
                                   " --check_config ", arguments));
  }
  std::filesystem::path Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
    return folder_ / name;
  }

  const std::filesystem::path folder_;
};

// The example with its commented settings set.
std::string WithEverythingSet(const std::string& example) {
  std::vector<std::string> lines = absl::StrSplit(example, '\n');
  for (std::string& line : lines) {
    if (absl::StartsWith(line, "#") && !absl::StartsWith(line, "# ")) line.erase(0, 1);
  }
  return absl::StrJoin(lines, "\n");
}

TEST_F(ConfigTest, TheExampleIsAcceptedAsItIs) {
  for (const std::string& process : Processes()) {
    ProgramRun run = Check(process, absl::StrCat("--config ", kExample));
    EXPECT_EQ(run.Join(), 0) << run.err();
    EXPECT_THAT(run.out(), HasSubstr(absl::StrCat("[", process, "]\n")));
    EXPECT_THAT(run.out(), ContainsRegex("\nmetrics_listen = \"127.0.0.1:946[456]\" +# deploy/"));
    EXPECT_THAT(run.out(), ContainsRegex("\nredis = \"127.0.0.1:6379\" +# default\n"));
  }
}

TEST_F(ConfigTest, TheExampleIsAcceptedWithAllThatItShows) {
  for (const char* name : {"loras", "embeddings", "upscalers"}) {
    std::filesystem::create_directories(folder_ / "srv/darkroom" / name);
  }
  std::filesystem::create_directory_symlink(std::filesystem::absolute("models"),
                                            folder_ / "srv/darkroom/models");
  Write("etc/darkroom/redis.password", "secret\n");
  Write("etc/darkroom/pepper", absl::StrCat(RandomId(), RandomId(), "\n"));
  Write("etc/darkroom/admins", absl::StrCat("ops ", RandomId(), RandomId(), " standard admin\n"));
  const server::TestCertificate certificate;
  certificate.WriteCertificate(Write("etc/darkroom/tls/fullchain.pem", ""));
  certificate.WriteKey(Write("etc/darkroom/tls/privkey.pem", ""));
  Write("etc/darkroom/tiers.toml", "[tiers.standard]\n");
  Write("etc/darkroom/styles.csv", "name,prompt,negative_prompt\nink,ink drawing,colour\n");
  const std::string example = ReadFile(kExample, kMaxBytes).value();
  const std::filesystem::path file =
      Write("darkroom.toml",
            absl::StrReplaceAll(WithEverythingSet(example),
                                {{"\"/etc/", absl::StrCat("\"", folder_.string(), "/etc/")},
                                 {"\"/srv/", absl::StrCat("\"", folder_.string(), "/srv/")}}));
  for (const std::string& process : Processes()) {
    ProgramRun run = Check(process, absl::StrCat("--config ", file.string()));
    EXPECT_EQ(run.Join(), 0) << run.err();
    const ConfigFile shown = ParseConfig("shown", run.out());
    const ConfigFile asked = ReadConfig(file.string());
    EXPECT_TRUE(shown.complaints.empty()) << absl::StrJoin(shown.complaints, "\n");
    for (const ConfigEntry& entry : asked.entries) {
      if (entry.table != process && !entry.table.empty()) continue;
      const ConfigEntry* set = FindEntry(shown, process, entry.key);
      ASSERT_NE(set, nullptr) << entry.key;
      EXPECT_THAT(run.out(), HasSubstr(absl::StrCat("# ", file.string(), ":", entry.line, "\n")))
          << entry.key;
    }
    EXPECT_THAT(run.out(), Not(HasSubstr("secret")));
  }
}

TEST_F(ConfigTest, WhatIsWrongIsAllNamedBeforeAnythingIsConnectedTo) {
  const std::filesystem::path file = Write("darkroom.toml",
                                           "redis = '10.0.0.2:port'\n"
                                           "pool = 'Main'\n"
                                           "redis_password_file = '/no/password'\n"
                                           "[gateway]\n"
                                           "listen = '50051'\n"
                                           "tiers = '/no/tiers.toml'\n"
                                           "styles = '/no/styles.csv'\n"
                                           "key_pepper_file = '/no/pepper'\n"
                                           "metrics_listen = 'x'\n"
                                           "[worker]\n"
                                           "max_rows = 0\n"
                                           "loras = ['/no/loras']\n"
                                           "threads = -1\n"
                                           "device = 'cdua'\n"
                                           "models = ['/no/models']\n");
  ProgramRun gateway = Check("gateway", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(gateway.Join(), 1);
  for (const char* flag :
       {"--redis: ", "--pool: ", "--redis_password_file: cannot open /no/",
        "--listen: \"50051\" is not HOST:PORT", "--tiers: cannot open /no/",
        "--styles: ", "--key_pepper_file: cannot open /no/", "--metrics_listen: \"x\""}) {
    EXPECT_THAT(gateway.err(), HasSubstr(flag));
  }
  if (Processes().size() < 3) return;
  ProgramRun worker = Check("worker", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(worker.Join(), 1);
  for (const char* flag : {"--redis: ", "--max_rows is less than 1",
                           "--loras: there is no /no/loras", "--threads is below 0",
                           "device 'cdua' is not cpu, cuda or cuda:N", "--models: /no/models"}) {
    EXPECT_THAT(worker.err(), HasSubstr(flag));
  }
}

TEST_F(ConfigTest, AMistypedKeyIsNotPassedOver) {
  const std::filesystem::path file = Write("darkroom.toml", "[scheduler]\nmetric_listen = 'x:1'\n");
  ProgramRun scheduler = Check("scheduler", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(scheduler.Join(), 2);
  EXPECT_EQ(scheduler.err(), absl::StrCat(file.string(),
                                          ":2: metric_listen is no setting of the scheduler; did "
                                          "you mean metrics_listen?\n"));
  // The others have nothing to say about it.
  ProgramRun gateway = Check("gateway", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(gateway.Join(), 0) << gateway.err();
}

TEST_F(ConfigTest, WhatOneProcessAloneHasIsRefusedBeforeTheTables) {
  const std::filesystem::path file = Write("darkroom.toml", "listen = '127.0.0.1:1'\n");
  ProgramRun gateway = Check("gateway", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(gateway.Join(), 0) << gateway.err();
  ProgramRun scheduler = Check("scheduler", absl::StrCat("--config ", file.string()));
  EXPECT_EQ(scheduler.Join(), 2);
  EXPECT_THAT(scheduler.err(), HasSubstr("the rest below [gateway], [scheduler] or [worker]"));
}

}  // namespace
}  // namespace darkroom::testing
