// Real processes go on with what another version has left, and leave what they do not understand to
// one that does.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/contract/redis_admin.h"
#include "tests/integration/stack_test.h"
#include "tests/records/recorded_pool.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(30);

class VersionsTest : public StackTest {
 protected:
  VersionsTest() : StackTest(absl::Milliseconds(10)) {}
  // Stops the programs of the stack, puts into Redis what another version has left, and starts
  // them.
  void TakeOver(const RecordedPool& recorded) {
    const std::vector<Part> parts = {Part::kGateway, Part::kWorker, Part::kScheduler};
    for (const Part part : parts) stack_->Terminate(part, kGrace);
    scheduler::RedisEndpoint endpoint;
    endpoint.port = stack_->redis().port;
    admin_ = std::make_unique<scheduler::RedisAdmin>(endpoint);
    admin_->Do({"FLUSHALL"});
    for (auto& command : recorded.Commands("default", absl::Now())) admin_->Do(std::move(command));
    for (const auto& [id, fields] : recorded.Jobs()) Change(id);
    for (const Part part : parts) ASSERT_TRUE(stack_->Run(part).ok());
    ASSERT_TRUE(stack_->AwaitReady().ok());
  }
  // What else the other version has done to a job.
  virtual void Change(const std::string&) {}

  static RecordedPool Recorded(const std::string& file) {
    return RecordedPool::Read("tests/records/" + file).value();
  }
  static std::string KeyOf(const char* prefix, const std::string& id) {
    return absl::StrCat("dr:{default}:", prefix, id);
  }

  // Everything that was left is done: seen by watchers from its first event on.
  void ExpectAllDone(const RecordedPool& recorded) {
    for (const auto& [state, attempts] :
         {std::pair{"RUNNING", 2}, std::pair{"QUEUED", 1}, std::pair{"SUCCEEDED", 1}}) {
      for (const std::string& id : recorded.JobsIn(state)) {
        Recording recording(jobs(), absl::StrCat("jobs/", id));
        ExpectPicture(recording);
        EXPECT_EQ(recording.end().attempts(), attempts) << state;
      }
    }
    const std::string lost = absl::StrCat("jobs/", recorded.JobsIn("FAILED").at(0));
    EXPECT_EQ(jobs().Get(lost).value().error().details_size(), 1);
    const std::string cancelled = absl::StrCat("jobs/", recorded.JobsIn("CANCELLED").at(0));
    EXPECT_EQ(jobs().Get(cancelled).value().state(), v1::JOB_STATE_CANCELLED);
  }

  std::unique_ptr<scheduler::RedisAdmin> admin_;
};

TEST_F(VersionsTest, JobsFromBeforeThereWereTiersAreDone) {
  const RecordedPool recorded = Recorded("before_tiers.txt");
  TakeOver(recorded);
  ExpectAllDone(recorded);
}

TEST_F(VersionsTest, JobsFromBeforeThereWereVersionsAreDone) {
  const RecordedPool recorded = Recorded("before_versions.txt");
  TakeOver(recorded);
  ExpectAllDone(recorded);
}

TEST_F(VersionsTest, JobsOfVersion1AreDone) {
  const RecordedPool recorded = Recorded("version_1.txt");
  TakeOver(recorded);
  ExpectAllDone(recorded);
}

// Fields and events that a later version has added.
class LaterFieldsTest : public VersionsTest {
 protected:
  void Change(const std::string& id) override {
    const std::string key = KeyOf("j:", id);
    if (admin_->Do({"HGET", key, "state"}).text != "RUNNING") return;
    const std::int64_t sequence = admin_->Do({"HINCRBY", key, "sequence", "1"}).integer;
    admin_->Do({"XADD", KeyOf("e:", id), absl::StrCat(sequence, "-0"), "version", "2", "time", "1",
                "kind", "daydream"});
  }
};

TEST_F(LaterFieldsTest, WhatALaterVersionAddsIsPassedOver) {
  RecordedPool recorded = Recorded("version_1.txt");
  recorded.AddFieldsOfALaterVersion();
  TakeOver(recorded);
  ExpectAllDone(recorded);
}

// Jobs whose specification is of a later version.
class LaterJobsTest : public VersionsTest {
 protected:
  void Change(const std::string& id) override {
    if (id == later_) SetVersion("2", "\x08\x02");
  }
  // `field`: a JobSpec with nothing but this version, which goes before what the bytes say.
  void SetVersion(const std::string& version, const std::string& field) {
    const std::string key = KeyOf("j:", later_);
    admin_->Do({"HSET", key, "version", version, "spec",
                absl::StrCat(admin_->Do({"HGET", key, "spec"}).text, field)});
  }

  std::string later_;
};

TEST_F(LaterJobsTest, AJobOfALaterVersionIsKeptForAWorkerThatUnderstandsIt) {
  RecordedPool recorded = Recorded("version_1.txt");
  const std::vector<std::string> queued = recorded.JobsIn("QUEUED");
  later_ = queued.at(2);
  TakeOver(recorded);
  for (const std::string& id : {queued[0], queued[1]}) {
    Recording recording(jobs(), absl::StrCat("jobs/", id));
    ExpectPicture(recording);
  }
  // The worker has seen it by now, or does so soon: nothing else waits.
  EXPECT_TRUE(Eventually(kGrace, [&] {
                return stack_->Logs().find("a worker of a later version") != std::string::npos
                           ? absl::OkStatus()
                           : absl::UnavailableError("the worker has not warned");
              }).ok());
  const std::string name = absl::StrCat("jobs/", later_);
  EXPECT_EQ(admin_->Do({"HGET", KeyOf("j:", later_), "state"}).text, "QUEUED");
  EXPECT_TRUE(absl::IsUnavailable(jobs().Get(name).status()));

  SetVersion("1", "\x08\x01");  // as if both programs were of that version now
  Recording recording(jobs(), name);
  ExpectPicture(recording);
  EXPECT_EQ(recording.end().attempts(), 1);
}

}  // namespace
}  // namespace darkroom::testing
