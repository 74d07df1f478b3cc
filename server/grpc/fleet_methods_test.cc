#include <gmock/gmock.h>

#include "darkroom/internal/v1/worker_record.pb.h"
#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::Fleet;
using darkroom::v1::Job;
using darkroom::v1::ListWorkersResponse;
using darkroom::v1::PauseWorkerRequest;
using darkroom::v1::Worker;
using testing::ElementsAre;

class FleetMethodsTest : public GatewayTest {
 protected:
  // A worker's report; returns what is wanted of it.
  scheduler::WorkerWish Report(const std::string& id, std::int32_t pictures = 0,
                               std::uint32_t version = 1) {
    darkroom::internal::v1::WorkerRecord record;
    record.set_version(version);
    record.mutable_worker()->set_device("cpu");
    record.mutable_worker()->set_state(darkroom::v1::WORKER_STATE_SERVING);
    record.mutable_worker()->set_pictures_last_minute(pictures);
    scheduler::WorkerWish wish = scheduler::WorkerWish::kServe;
    store_.ReportWorker({.worker = id, .record = record.SerializeAsString()},
                        [&](const auto& answer) { wish = answer.value(); });
    return wish;
  }
  // Calls one of the methods that steer a worker.
  template <typename Request>
  grpc::Status Ask(grpc::Status (darkroom::v1::FleetService::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            Worker*),
                   const std::string& name, Worker& worker, const std::string& key = kAdminKey) {
    Request request;
    request.set_name(name);
    return (fleet_.get()->*method)(Context(key).get(), request, &worker);
  }
  std::vector<std::string> AuditedActions() {
    darkroom::v1::ListAuditEntriesResponse entries;
    EXPECT_TRUE(admin_->ListAuditEntries(Context(kAdminKey).get(), {}, &entries).ok());
    std::vector<std::string> actions;
    for (const auto& entry : entries.audit_entries()) {
      actions.push_back(entry.action() + " " + entry.target());
    }
    return actions;
  }

  using Stub = darkroom::v1::FleetService::Stub;
};

TEST_F(FleetMethodsTest, WorkersAreListedAsTheyReport) {
  Report("b", 3);
  Report("a");
  ListWorkersResponse listed;
  ASSERT_TRUE(fleet_->ListWorkers(Context(kAdminKey).get(), {}, &listed).ok());
  ASSERT_EQ(listed.workers_size(), 2);
  EXPECT_EQ(listed.workers(0).name(), "workers/a");
  EXPECT_EQ(listed.workers(0).device(), "cpu");
  EXPECT_EQ(listed.workers(0).requested_state(), darkroom::v1::WORKER_STATE_SERVING);
  EXPECT_TRUE(listed.workers(0).has_report_time());
  EXPECT_EQ(listed.workers(1).pictures_last_minute(), 3);
}

TEST_F(FleetMethodsTest, AWorkerOfANewerVersionIsNamedAndCanBeDrained) {
  Report("a", 3, 2);
  ListWorkersResponse listed;
  ASSERT_TRUE(fleet_->ListWorkers(Context(kAdminKey).get(), {}, &listed).ok());
  ASSERT_EQ(listed.workers_size(), 1);
  EXPECT_EQ(listed.workers(0).name(), "workers/a");
  EXPECT_EQ(listed.workers(0).device(), "");
  Worker worker;
  EXPECT_TRUE(Ask(&Stub::DrainWorker, "workers/a", worker).ok());
  EXPECT_EQ(Report("a", 3, 2), scheduler::WorkerWish::kDrain);
}

TEST_F(FleetMethodsTest, WhatIsAskedOfAWorkerReachesItAndIsAudited) {
  Report("a");
  Worker worker;
  ASSERT_TRUE(Ask(&Stub::PauseWorker, "workers/a", worker).ok());
  EXPECT_EQ(worker.requested_state(), darkroom::v1::WORKER_STATE_PAUSED);
  EXPECT_EQ(worker.state(), darkroom::v1::WORKER_STATE_SERVING);
  EXPECT_EQ(Report("a"), scheduler::WorkerWish::kPause);
  ASSERT_TRUE(Ask(&Stub::ResumeWorker, "workers/a", worker).ok());
  EXPECT_EQ(Report("a"), scheduler::WorkerWish::kServe);
  ASSERT_TRUE(Ask(&Stub::DrainWorker, "workers/a", worker).ok());
  EXPECT_EQ(Report("a"), scheduler::WorkerWish::kDrain);
  EXPECT_THAT(AuditedActions(), ElementsAre("DrainWorker workers/a", "ResumeWorker workers/a",
                                            "PauseWorker workers/a"));
}

TEST_F(FleetMethodsTest, WorkersThatAreNotThereAreNotFoundAndNotAudited) {
  Worker worker;
  const grpc::Status status = Ask(&Stub::PauseWorker, "workers/gone", worker);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "WORKER_NOT_FOUND");
  EXPECT_THAT(BadFieldsOf(Ask(&Stub::DrainWorker, "workers/A B", worker)), ElementsAre("name"));
  EXPECT_TRUE(AuditedActions().empty());
}

TEST_F(FleetMethodsTest, TheFleetIsWorkersAndQueue) {
  Report("a", 2);
  Report("b", 3);
  Create("a red apple", kAliceKey);
  Create("a red apple", kAliceKey);
  Create("a red apple", kAliceKey);
  ASSERT_TRUE(worker_.Lease());
  Fleet fleet;
  const grpc::Status status = fleet_->GetFleet(Context(kAdminKey).get(), {}, &fleet);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(fleet.workers_size(), 2);
  EXPECT_EQ(fleet.pictures_last_minute(), 5);
  EXPECT_EQ(fleet.queued_jobs(), 2);
  EXPECT_EQ(fleet.running_jobs(), 1);
  EXPECT_EQ(fleet.dead_letters(), 0);
  ASSERT_EQ(fleet.tiers_size(), 1);
  EXPECT_EQ(fleet.tiers(0).tier(), "standard");
  EXPECT_EQ(fleet.tiers(0).weight(), 1);
  EXPECT_EQ(fleet.tiers(0).queued_jobs(), 2);
  EXPECT_GT(
      fleet.tiers(0).queued_device_time().nanos() + fleet.tiers(0).queued_device_time().seconds(),
      0);
  EXPECT_TRUE(fleet.tiers(0).has_oldest_wait());
}

TEST_F(FleetMethodsTest, TheFleetTellsHowFarPromisesWereOff) {
  Create("a red apple", kAliceKey);
  const Job waits = Create("a red apple", kAliceKey);
  EXPECT_TRUE(waits.has_estimated_wait());
  absl::SleepFor(2 * WaitPromises::kShortest);  // it waits for longer than for nobody
  ASSERT_TRUE(worker_.Lease());
  ASSERT_TRUE(worker_.Lease());
  Job taken;
  ASSERT_TRUE(Get(waits.name(), taken, kAliceKey).ok());
  EXPECT_FALSE(taken.has_estimated_wait());
  Fleet fleet;
  ASSERT_TRUE(Eventually([&] {
    return fleet_->GetFleet(Context(kAdminKey).get(), {}, &fleet).ok() &&
           fleet.promise_errors_size() > 0;
  }));
  const darkroom::v1::PromiseErrors& errors = fleet.promise_errors(0);
  EXPECT_EQ(errors.tier(), "standard");
  EXPECT_EQ(errors.jobs(), 1);
  EXPECT_GT(errors.first_p90(), 0.5) << "it was to wait for a fifth of a second";
  EXPECT_GT(errors.newest_p50(), 0.5);
}

TEST_F(FleetMethodsTest, TheyNeedTheScopeAdmin) {
  Report("a");
  Worker worker;
  Fleet fleet;
  ListWorkersResponse listed;
  for (const grpc::Status& status : {Ask(&Stub::PauseWorker, "workers/a", worker, kAliceKey),
                                     Ask(&Stub::ResumeWorker, "workers/a", worker, kAliceKey),
                                     Ask(&Stub::DrainWorker, "workers/a", worker, kAliceKey),
                                     fleet_->GetFleet(Context(kAliceKey).get(), {}, &fleet),
                                     fleet_->ListWorkers(Context(kAliceKey).get(), {}, &listed)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  }
  EXPECT_EQ(Report("a"), scheduler::WorkerWish::kServe);
}

TEST_F(FleetMethodsTest, LostStoreIsUnavailable) {
  store_.Become(FlakyStore::Mode::kRefuses);
  Fleet fleet;
  EXPECT_EQ(ReasonOf(fleet_->GetFleet(Context(kAdminKey).get(), {}, &fleet)), "STORE_UNAVAILABLE");
  Worker worker;
  EXPECT_EQ(ReasonOf(Ask(&Stub::PauseWorker, "workers/a", worker)), "STORE_UNAVAILABLE");
}

}  // namespace
}  // namespace darkroom::server
