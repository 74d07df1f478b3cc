// `darkroom doctor` beside real processes, and beside a Redis that is set up badly.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/contract/redis_server.h"
#include "tests/integration/command_run.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public StackTest {
 protected:
  void SetUp() override { UseStack(Stack::StartWithMetrics(step_)); }

  std::string Address(Part part) const { return stack_->metrics(part).ToString(); }
  // The stack's, with a folder of models that has one.
  std::string Settings() const {
    return absl::StrCat("redis = '", stack_->redis().ToString(), "'\n[gateway]\nlisten = '",
                        stack_->address(), "'\nmetrics_listen = '", Address(Part::kGateway),
                        "'\n[scheduler]\nmetrics_listen = '", Address(Part::kScheduler),
                        "'\n[worker]\nmetrics_listen = '", Address(Part::kWorker), "'\nmodels = ['",
                        std::filesystem::absolute("models").string(), "']\n");
  }
  CommandRun Examine(const std::string& settings, const std::string& options = "") {
    std::ofstream(stack_->folder() / "darkroom.toml") << settings;
    return CommandRun(stack_->folder(), absl::StrCat("doctor --config darkroom.toml ", options));
  }
};

TEST_F(DoctorTest, FindsAStackThatRunsWell) {
  CommandRun doctor = Examine(Settings());
  ASSERT_EQ(doctor.Join(), 0) << doctor.out() << doctor.err();
  const std::string out = doctor.out();
  EXPECT_THAT(out, HasSubstr("ok       gateway settings: nothing is wrong with them\n"));
  EXPECT_THAT(out, HasSubstr("ok       scheduler settings: nothing is wrong with them\n"));
  EXPECT_THAT(out, HasSubstr(absl::StrCat("ok       gateway listen: one answers at ",
                                          stack_->address(), "\n")));
  EXPECT_THAT(out, HasSubstr(absl::StrCat("ok       scheduler metrics_listen: one answers at ",
                                          Address(Part::kScheduler), "\n")));
  EXPECT_THAT(out, ContainsRegex(absl::StrCat("ok       redis: version [0-9.]+ at ",
                                              stack_->redis().ToString(), "\n")));
  EXPECT_THAT(out, HasSubstr("ok       redis settings: it keeps what it acknowledges\n"));
  EXPECT_THAT(out, ContainsRegex("ok       redis memory: it uses [0-9.]+ .iB of 64 MiB\n"));
  EXPECT_THAT(out, HasSubstr("ok       clock: this machine and Redis agree\n"));
  EXPECT_THAT(out, ContainsRegex("redis disk: [^\n]*/redis has"));
  EXPECT_THAT(out, Not(HasSubstr("problem")));
  if (!std::filesystem::exists(ProgramFolder() / "darkroom-worker")) return;
  EXPECT_THAT(out, HasSubstr("worker computes on the CPU"));
  EXPECT_THAT(out, ContainsRegex("ok       models: [^\n]*/models has 1\n"));
}

TEST_F(DoctorTest, FindsWhatIsWrongAndSaysItAsJson) {
  stack_->Kill(Part::kGateway);
  std::filesystem::create_directories(stack_->folder() / "some");
  std::ofstream(stack_->folder() / "some" / "cut.safetensors") << "short";
  std::string settings = Settings();
  // Redis itself listens where the scheduler's metrics are to be.
  settings.replace(settings.find(Address(Part::kScheduler)), Address(Part::kScheduler).size(),
                   stack_->redis().ToString());
  absl::StrAppend(&settings, "max_rows = 0\n");
  CommandRun doctor = Examine(settings, "--json");
  ASSERT_EQ(doctor.Join(), 1) << doctor.out() << doctor.err();
  google::protobuf::Struct json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(doctor.out(), &json).ok());
  const int problems = static_cast<int>(json.fields().at("problems").number_value());
  EXPECT_THAT(doctor.err(), HasSubstr(absl::StrCat("problems: ", problems)));
  int counted = 0;
  bool port_taken = false;
  for (const auto& value : json.fields().at("findings").list_value().values()) {
    const auto& finding = value.struct_value().fields();
    if (finding.at("verdict").string_value() != "problem") continue;
    ++counted;
    EXPECT_NE(finding.at("fix").string_value(), "");
    port_taken |= finding.at("check").string_value() == "scheduler metrics_listen";
  }
  EXPECT_EQ(counted, problems);
  EXPECT_TRUE(port_taken) << doctor.out();
  EXPECT_THAT(doctor.out(), HasSubstr(absl::StrCat(stack_->address(), " is free")));
  if (!std::filesystem::exists(ProgramFolder() / "darkroom-worker")) return;
  EXPECT_THAT(doctor.out(), HasSubstr("--max_rows is less than 1"));
}

TEST_F(DoctorTest, FindsThatRedisIsGone) {
  stack_->Kill(Part::kRedis);
  CommandRun doctor = Examine(Settings());
  EXPECT_EQ(doctor.Join(), 1);
  EXPECT_THAT(doctor.out(), HasSubstr(absl::StrCat("problem  redis: nobody answers at ",
                                                   stack_->redis().ToString())));
  EXPECT_THAT(doctor.out(), HasSubstr("→ start redis-server there"));
}

TEST_F(DoctorTest, FindsAFileOfSettingsThatIsNone) {
  CommandRun doctor = Examine("[gatway]\n");
  EXPECT_EQ(doctor.Join(), 1);
  EXPECT_THAT(doctor.out(), HasSubstr("darkroom.toml:1: no process has the table [gatway]"));
}

class BadRedisTest : public ::testing::Test {
 protected:
  BadRedisTest()
      : folder_(std::filesystem::temp_directory_path() / absl::StrCat("d-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~BadRedisTest() override { std::filesystem::remove_all(folder_); }

  std::string Examine(const scheduler::RedisServer& redis, const std::string& more = "") {
    std::ofstream(folder_ / "darkroom.toml")
        << "redis = '127.0.0.1:" << redis.endpoint().port << "'\n"
        << more << "[gateway]\nlisten = '127.0.0.1:0'\n";
    CommandRun doctor(folder_, "doctor --config darkroom.toml");
    EXPECT_EQ(doctor.Join(), 1) << doctor.out() << doctor.err();
    return doctor.out();
  }

  const std::filesystem::path folder_;
};

TEST_F(BadRedisTest, EverySettingThatLosesJobsIsNamedWithWhatToSet) {
  const scheduler::RedisServer redis(
      {"--appendonly", "no", "--appendfsync", "everysec", "--maxmemory-policy", "allkeys-lru"});
  const std::string out = Examine(redis);
  EXPECT_THAT(out, HasSubstr("problem  redis settings: appendonly is no"));
  EXPECT_THAT(out, HasSubstr("problem  redis settings: appendfsync is everysec"));
  EXPECT_THAT(out, HasSubstr("problem  redis settings: maxmemory-policy is allkeys-lru"));
  EXPECT_THAT(out, HasSubstr("`redis-cli config set maxmemory-policy noeviction`"));
  EXPECT_THAT(out, HasSubstr("warning  redis memory: it uses"));
}

TEST_F(BadRedisTest, APasswordThatIsMissingOrWrongIsTold) {
  const scheduler::RedisServer redis({"--requirepass", "secret"});
  EXPECT_THAT(Examine(redis), HasSubstr("NOAUTH"));
  std::ofstream(folder_ / "password") << "wrong\n";
  EXPECT_THAT(Examine(redis, "redis_password_file = 'password'\n"), HasSubstr("WRONGPASS"));
}

TEST_F(BadRedisTest, AReplicaIsNoPlaceForJobs) {
  const scheduler::RedisServer master;
  const scheduler::RedisServer replica(
      {"--replicaof", "127.0.0.1", absl::StrCat(master.endpoint().port)});
  EXPECT_THAT(Examine(replica), HasSubstr("problem  redis role: it is a replica"));
}

TEST_F(BadRedisTest, SentinelsAreAskedForTheirMaster) {
  const scheduler::RedisServer master({"--appendfsync", "everysec"});
  const std::unique_ptr<scheduler::RedisServer> sentinel = scheduler::RedisServer::Sentinel(master);
  const std::string out = Examine(
      master, absl::StrCat("redis_sentinels = ['127.0.0.1:", sentinel->endpoint().port, "']\n"));
  EXPECT_THAT(out, ContainsRegex(absl::StrCat("ok       redis: version [0-9.]+ at 127.0.0.1:",
                                              master.endpoint().port, "\n")));
  EXPECT_THAT(out, HasSubstr("appendfsync is everysec"));
}

}  // namespace
}  // namespace darkroom::testing
