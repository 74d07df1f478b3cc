// Keys and tenants over real processes.

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "tests/integration/command_run.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(60);
// The API promises two seconds; the rest is for a busy machine.
constexpr absl::Duration kRevocation = absl::Seconds(3);

class TenantsTest : public StackTest {
 protected:
  void SetUp() override { UseStack(Stack::StartWithKeys(absl::Milliseconds(5))); }

  // `darkroom` with the key of a tenant.
  CommandRun Darkroom(const std::string& tenant, const std::string& arguments) {
    return CommandRun(stack_->folder(), absl::StrCat(arguments, " --server ", stack_->address(),
                                                     " --key_file ", KeyFile(tenant).string()));
  }
  std::filesystem::path KeyFile(const std::string& tenant) const {
    return stack_->folder() / "secrets" / tenant;
  }
  std::string Secret(const std::string& tenant) const {
    return std::string(absl::StripSuffix(Content(KeyFile(tenant)), "\n"));
  }
  // The name of a tenant's key.
  std::string KeyName(const std::string& tenant) const {
    return absl::StrCat("keys/", Secret(tenant).substr(3, 32));
  }

  // Makes a key and a connection with it.
  void AddTenant(const std::string& tenant, const std::string& tier = "standard") {
    CommandRun run = Darkroom("ops", absl::StrCat("keys create --tenant ", tenant, " --tier ", tier,
                                                  " --label 'of ", tenant, "'"));
    ASSERT_EQ(run.Join(), 0) << run.err();
    ASSERT_TRUE(WriteFileAtomically(KeyFile(tenant), run.out()).ok());
    connections_[tenant] = Connect(stack_->address(), tenant);
  }
  std::unique_ptr<cli::Connection> Connect(const std::string& address, const std::string& tenant) {
    return cli::Connection::Open({address, KeyFile(tenant)}).value();
  }
  cli::JobApi& JobsOf(const std::string& tenant) { return connections_.at(tenant)->jobs(); }

  static void ExpectRefusedInTime(cli::Connection& connection) {
    const absl::Status refused = Eventually(kRevocation, [&] {
      const absl::Status status = connection.jobs().List({}).status();
      return absl::IsUnauthenticated(status)
                 ? absl::OkStatus()
                 : absl::UnavailableError(absl::StrCat("answered: ", status.ToString()));
    });
    EXPECT_TRUE(refused.ok()) << refused;
  }

  // All that this part of the folder holds, as one text.
  static std::string AllOf(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) all += Content(entry.path());
    }
    return all;
  }

  std::map<std::string, std::unique_ptr<cli::Connection>> connections_;
};

TEST_F(TenantsTest, AForeignKeySeesCancelsAndDownloadsNothing) {
  AddTenant("alice");
  AddTenant("bob");
  Recording alices(JobsOf("alice"), PictureRequest(3));
  ExpectPicture(alices);
  const std::string job = alices.end().name();

  EXPECT_TRUE(absl::IsNotFound(JobsOf("bob").Get(job).status()));
  EXPECT_TRUE(absl::IsNotFound(JobsOf("bob").Cancel(job).status()));
  EXPECT_THAT(JobsOf("bob").List({}).value().jobs(), IsEmpty());
  v1::WatchJobRequest watch;
  watch.set_name(job);
  const auto reader = JobsOf("bob").Watch(watch, absl::Now() + kPatience);
  v1::JobEvent event;
  EXPECT_FALSE(reader->Read(event)) << event.ShortDebugString();
  EXPECT_TRUE(absl::IsNotFound(reader->Finish()));
  v1::CreateJobRequest begun_with;
  *begun_with.mutable_parameters() = PictureRequest(3).parameters();
  v1::InitImage& image = *begun_with.mutable_parameters()->mutable_init_image();
  image.set_name(absl::StrCat(job, "/images/0"));
  const auto stolen = JobsOf("bob").Create(begun_with);
  EXPECT_TRUE(absl::IsInvalidArgument(stolen.status())) << stolen.status();
  EXPECT_TRUE(JobsOf("alice").Create(begun_with).ok());
  CommandRun get = Darkroom("bob", absl::StrCat("get ", job));
  EXPECT_EQ(get.Join(), 3) << get.err();
  EXPECT_THAT(get.err(), HasSubstr("JOB_NOT_FOUND"));
  CommandRun keys = Darkroom("bob", "keys list");
  EXPECT_EQ(keys.Join(), 3) << keys.err();
  EXPECT_THAT(keys.err(), HasSubstr("needs a key with the scope \"admin\""));
}

TEST_F(TenantsTest, ARevokedKeyIsRefusedByEveryGatewayInTime) {
  AddTenant("alice");
  const auto address = cli::ReservePort({"127.0.0.1", 0});
  ASSERT_TRUE(address.ok());
  auto gateway = stack_->StartGateway(*address);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  const auto elsewhere = Connect(address->ToString(), "alice");
  ASSERT_TRUE(Eventually(kPatience, [&] { return elsewhere->jobs().List({}).status(); }).ok());

  CommandRun rotate = Darkroom("ops", absl::StrCat("keys rotate ", KeyName("alice")));
  ASSERT_EQ(rotate.Join(), 0) << rotate.err();
  ExpectRefusedInTime(*elsewhere);
  EXPECT_TRUE(absl::IsUnauthenticated(JobsOf("alice").List({}).status()));

  ASSERT_TRUE(WriteFileAtomically(KeyFile("alice"), rotate.out()).ok());
  const auto renewed = Connect(address->ToString(), "alice");
  EXPECT_TRUE(renewed->jobs().List({}).ok());
  CommandRun revoke = Darkroom("ops", absl::StrCat("keys revoke ", KeyName("alice")));
  ASSERT_EQ(revoke.Join(), 0) << revoke.err();
  ExpectRefusedInTime(*renewed);
  CommandRun list = Darkroom("ops", "keys list");
  ASSERT_EQ(list.Join(), 0) << list.err();
  EXPECT_THAT(list.out(), HasSubstr(KeyName("alice")));
  EXPECT_THAT(list.out(), HasSubstr("revoked"));
  EXPECT_THAT(list.out(), HasSubstr("of alice"));
}

TEST_F(TenantsTest, ATierHoldsItsTenantsOnAllGatewaysTogether) {
  AddTenant("carol", "small");
  const auto address = cli::ReservePort({"127.0.0.1", 0});
  ASSERT_TRUE(address.ok());
  auto gateway = stack_->StartGateway(*address);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  const auto elsewhere = Connect(address->ToString(), "carol");
  ASSERT_TRUE(Eventually(kPatience, [&] { return elsewhere->jobs().List({}).status(); }).ok());

  v1::CreateJobRequest request;
  *request.mutable_parameters() = PictureRequest(6).parameters();
  const absl::Status large = JobsOf("carol").Create(request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(large)) << large;
  EXPECT_THAT(std::string(large.message()),
              HasSubstr("parameters.steps is 6; the tier \"small\" allows at most 5"));
  request.mutable_parameters()->set_steps(5);
  EXPECT_TRUE(elsewhere->jobs().Create(request).ok());
  CommandRun third = Darkroom("carol", "explain 'a red apple'");
  EXPECT_EQ(third.Join(), 4) << third.err();
  EXPECT_THAT(third.err(), HasSubstr("TOO_MANY_REQUESTS"));
  EXPECT_THAT(third.err(), HasSubstr("quota of tenant:carol"));
  EXPECT_THAT(third.err(), HasSubstr("try again in 33m"));

  CommandRun unknown = Darkroom("ops", "keys create --tenant dave --tier smal");
  EXPECT_EQ(unknown.Join(), 3);
  EXPECT_THAT(unknown.err(), HasSubstr("did you mean \"small\"?"));
}

TEST_F(TenantsTest, KeysOutliveRedisAndNeverReachItOrALogInTheClear) {
  AddTenant("alice");
  Recording recording(JobsOf("alice"), PictureRequest(3));
  ExpectPicture(recording);
  stack_->Kill(Part::kRedis);
  ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  ASSERT_TRUE(Eventually(kPatience, [&] { return JobsOf("alice").List({}).status(); }).ok());
  EXPECT_EQ(Darkroom("alice", "list").Join(), 0);

  const std::string redis = AllOf(stack_->folder() / "redis");
  std::string logs;
  for (const auto& entry : std::filesystem::directory_iterator(stack_->folder())) {
    if (entry.path().extension() == ".log") logs += Content(entry.path());
  }
  // What is searched is what holds the key, and tells of it.
  EXPECT_THAT(redis, HasSubstr(KeyName("alice")));
  EXPECT_THAT(logs, HasSubstr(KeyName("alice")));
  const std::string alices = Secret("alice").substr(36);
  ASSERT_EQ(alices.size(), 64u);
  for (const std::string& secret : {alices, Secret("ops"), Secret("pepper")}) {
    EXPECT_FALSE(absl::StrContains(redis, secret));
    EXPECT_FALSE(absl::StrContains(logs, secret));
  }
}

}  // namespace
}  // namespace darkroom::testing
