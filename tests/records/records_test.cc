// Whatever a version has stored, those after it read.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/ids.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "gmock/gmock.h"
#include "scheduler/redis/connect.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "server/admission/adapter_index.h"
#include "server/admission/model_catalogue.h"
#include "server/auth/key_record.h"
#include "server/core/job_view.h"
#include "server/testing/manual_loop.h"
#include "tests/contract/calls.h"
#include "tests/contract/redis_admin.h"
#include "tests/contract/redis_server.h"
#include "tests/records/recorded_pool.h"
#include "tokenizer/tokenizer_tables.h"
#include "worker/engine/job_spec.h"

namespace darkroom::testing {
namespace {

using scheduler::JobState;
using ::testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(60);

struct Recorded {
  std::string file;
  bool later = false;     // with fields of a later version
  int without_place = 0;  // queued jobs that are in no flow
};

// "before_tiers", "version_1_later".
std::string NameOf(const ::testing::TestParamInfo<Recorded>& info) {
  return absl::StrCat(absl::StripSuffix(info.param.file, ".txt"), info.param.later ? "_later" : "");
}

class RecordsTest : public ::testing::TestWithParam<Recorded> {
 protected:
  void SetUp() override {
    auto read = RecordedPool::Read("tests/records/" + GetParam().file);
    ASSERT_TRUE(read.ok()) << read.status();
    recorded_ = *std::move(read);
    if (GetParam().later) recorded_.AddFieldsOfALaterVersion();
    for (auto& command : recorded_.Commands(pool_, absl::Now())) admin_.Do(std::move(command));
    ports_ = scheduler::Connect({.endpoint = server_.endpoint(), .pool = pool_, .durations = {}})
                 .value();
    calls_ = std::make_unique<scheduler::Calls<scheduler::RedisPorts>>(ports_.get());
  }

  // What the reaper does until it has done all.
  scheduler::ReapReport ReapAll() {
    scheduler::ReapReport sum;
    bool more = true;
    while (more) {
      const scheduler::ReapReport report = calls_->Reap(2).value();
      sum.requeued += report.requeued;
      sum.adopted += report.adopted;
      more = report.more;
    }
    return sum;
  }
  std::vector<scheduler::LeasedJob> AcquireAll() { return calls_->Acquire({"fake"}, 100).value(); }
  std::int64_t Length(const std::string& key) {
    return admin_.Do({"EXISTS", absl::StrCat("dr:{", pool_, "}:", key)}).integer;
  }

  RecordedPool recorded_;
  const std::string pool_ = RandomId();
  scheduler::RedisServer& server_ = scheduler::RedisServer::Shared();
  scheduler::RedisAdmin admin_{server_.endpoint()};
  std::unique_ptr<scheduler::RedisPorts> ports_;
  std::unique_ptr<scheduler::Calls<scheduler::RedisPorts>> calls_;
};

INSTANTIATE_TEST_SUITE_P(, RecordsTest,
                         ::testing::Values(Recorded{.file = "before_tiers.txt", .without_place = 3},
                                           Recorded{.file = "before_versions.txt"},
                                           Recorded{.file = "version_1.txt"},
                                           Recorded{.file = "version_1.txt", .later = true}),
                         NameOf);

TEST_P(RecordsTest, EveryJobIsShownAsItWas) {
  ASSERT_EQ(recorded_.Jobs().size(), 7u);
  for (const auto& [id, fields] : recorded_.Jobs()) {
    const auto job = calls_->Get(fields.at("tenant"), id);
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_EQ(scheduler::StateName(job->state), fields.at("state"));
    EXPECT_EQ(absl::StrCat(job->attempts), fields.at("attempts"));
    EXPECT_EQ(job->spec_version, 1u);
    const auto view = server::ViewJob(*job, std::nullopt);
    ASSERT_TRUE(view.ok()) << view.status();
    EXPECT_THAT(view->parameters().prompt(), ::testing::HasSubstr("picture"));
    EXPECT_EQ(view->images_size(), job->state == JobState::kSucceeded ? 1 : 0);
    EXPECT_EQ(view->error().message().empty(), job->state != JobState::kFailed);
    const auto order = worker::ParseJobSpec(job->spec);
    EXPECT_TRUE(order.ok()) << order.status();
  }
}

TEST_P(RecordsTest, EveryEventIsReadWithoutAGap) {
  std::set<std::size_t> kinds;
  for (const auto& [id, fields] : recorded_.Jobs()) {
    const auto events = calls_->Read(id, 0);
    ASSERT_TRUE(events.ok()) << events.status();
    EXPECT_EQ(absl::StrCat(events->back().sequence), fields.at("sequence"));
    std::int64_t expected = events->front().sequence;
    for (const scheduler::JobEvent& event : *events) {
      EXPECT_EQ(event.sequence, expected++);
      kinds.insert(event.body.index());
    }
    const bool ended = scheduler::IsTerminal(scheduler::ParseState(fields.at("state")).value());
    EXPECT_EQ(std::holds_alternative<scheduler::FinishedEvent>(events->back().body), ended);
  }
  // All but UnknownEvent.
  EXPECT_EQ(kinds.size(), std::variant_size_v<scheduler::EventBody> - 1);
  EXPECT_FALSE(kinds.contains(scheduler::EventBody(scheduler::UnknownEvent()).index()));
}

TEST_P(RecordsTest, WhatWasLeftIsDoneInItsOrderAndTheBooksAreEven) {
  std::vector<std::string> expected = recorded_.JobsIn("RUNNING");
  for (const std::string& id : recorded_.JobsIn("QUEUED")) expected.push_back(id);
  ASSERT_EQ(expected.size(), 4u);
  const scheduler::ReapReport report = ReapAll();
  EXPECT_EQ(report.requeued, 1);
  EXPECT_EQ(report.adopted, GetParam().without_place);
  std::vector<std::string> leased;
  for (const scheduler::LeasedJob& job : AcquireAll()) {
    leased.push_back(job.id);
    const auto order = worker::ParseJobSpec(job.spec);
    EXPECT_TRUE(order.ok()) << order.status();
    EXPECT_TRUE(calls_->Finish({job.id, job.fence}, scheduler::Succeeded{}).ok());
  }
  EXPECT_EQ(leased, expected);
  EXPECT_EQ(calls_->Depth().value().queued, 0);
  for (const char* key : {"queued", "leases", "tiers", "costs", "waiting", "running", "q:fake"}) {
    EXPECT_EQ(Length(key), 0) << key;
  }
}

TEST_P(RecordsTest, AWaitingJobCanBeCancelledBeforeAnythingElse) {
  const std::string id = recorded_.JobsIn("QUEUED").at(1);
  const std::string tenant = recorded_.Jobs().at(id).at("tenant");
  EXPECT_EQ(calls_->Cancel(tenant, id).value().state, JobState::kCancelled);
  ReapAll();
  for (const scheduler::LeasedJob& job : AcquireAll()) {
    EXPECT_NE(job.id, id);
    EXPECT_TRUE(calls_->Finish({job.id, job.fence}, scheduler::Succeeded{}).ok());
  }
  for (const char* key : {"queued", "tiers", "costs", "waiting", "q:fake"}) {
    EXPECT_EQ(Length(key), 0) << key;
  }
}

TEST_P(RecordsTest, AFinishedPictureIsStillThere) {
  const std::string id = recorded_.JobsIn("SUCCEEDED").at(0);
  EXPECT_THAT(calls_->GetResult({id, 1}, 0).value(), ::testing::StartsWith("\x89PNG"));
}

TEST_P(RecordsTest, ModelsAreOfferedWithTheirTokenizersAndAdapters) {
  server::ManualLoop loop;
  const std::vector<scheduler::ModelEntry> models = calls_->Models().value();
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].workers, 1);
  scheduler::InMemoryScheduler registry(&loop.clock());
  registry.Announce("recorded", models,
                    [](const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; });
  const auto catalogue = std::make_shared<server::ModelCatalogue>(loop, registry, "");
  catalogue->Start();
  loop.RunReady();
  const darkroom::v1::Model* model = catalogue->Find("fake");
  ASSERT_NE(model, nullptr);
  const std::string document = calls_->GetDocument(model->tokenizer_digest()).value();
  EXPECT_TRUE(tokenizer::ParseTables(document).ok());
  const std::string list = calls_->GetDocument(model->adapters_digest()).value();
  const auto adapters = server::AdapterIndex::Parse(list);
  ASSERT_TRUE(adapters.ok()) << adapters.status();
  EXPECT_NE(adapters->FindLora("kohya"), nullptr);
}

// What there was not from the first on.
class AdminRecordsTest : public RecordsTest {};

INSTANTIATE_TEST_SUITE_P(, AdminRecordsTest,
                         ::testing::Values(Recorded{.file = "before_versions.txt"},
                                           Recorded{.file = "version_1.txt"},
                                           Recorded{.file = "version_1.txt", .later = true}),
                         NameOf);

TEST_P(AdminRecordsTest, KeysAreKnown) {
  const auto page = Await<scheduler::KeyPage>(
      kPatience, [&](auto done) { ports_->keys().ReadChanges(0, 100, std::move(done)); });
  ASSERT_EQ(page.value().keys.size(), 1u);
  const auto record = server::ParseKeyRecord(page->keys[0].record);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->key().tenant(), "alice");
  EXPECT_EQ(record->digest().size(), 64u);
}

TEST_P(AdminRecordsTest, TheAuditIsWhole) {
  const auto page = Await<scheduler::AuditPage>(
      kPatience, [&](auto done) { ports_->audit().ReadAudit("", 100, std::move(done)); });
  std::vector<std::string> actions;
  for (const scheduler::AuditEntry& entry : page.value().entries) {
    EXPECT_EQ(entry.tenant, "ops");
    actions.push_back(entry.action);
  }
  EXPECT_THAT(actions, ElementsAre("PauseWorker", "CreateKey"));
}

TEST_P(AdminRecordsTest, WorkersAreListedWithWhatIsWantedOfThem) {
  const auto workers = Await<std::vector<scheduler::WorkerEntry>>(
      kPatience, [&](auto done) { ports_->fleet().ListWorkers(std::move(done)); });
  ASSERT_EQ(workers.value().size(), 1u);
  EXPECT_EQ(workers->at(0).wish, scheduler::WorkerWish::kPause);
  internal::v1::WorkerRecord record;
  ASSERT_TRUE(record.ParseFromString(workers->at(0).record));
  EXPECT_TRUE(scheduler::IsReadable(record.version(), scheduler::kWorkerRecordVersion));
  EXPECT_EQ(record.worker().device(), "fake");
}

TEST_P(AdminRecordsTest, ADeadLetterCanBeReadToBeQueuedAgain) {
  const auto page = Await<scheduler::DeadLetterPage>(kPatience, [&](auto done) {
    ports_->dead_letters().ListDeadLetters("", 100, std::move(done));
  });
  ASSERT_EQ(page.value().letters.size(), 1u);
  const scheduler::DeadLetter& letter = page->letters[0];
  EXPECT_EQ(letter.job.failure.reason, "WORKER_LOST");
  EXPECT_EQ(letter.job.spec_version, 1u);
  EXPECT_EQ(letter.terms.tier, "standard");
}

}  // namespace
}  // namespace darkroom::testing
