#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kShortTimeout = absl::Milliseconds(300);

class InMemoryWorkers {
 public:
  Fleet& fleet() { return fleet_; }
  absl::Time Now() { return clock_.Now(); }
  void Pass(absl::Duration time) { clock_.Advance(time); }

 private:
  ManualClock clock_;
  InMemoryFleet fleet_{&clock_, kShortTimeout};
};

class RedisWorkers {
 public:
  Fleet& fleet() { return ports_->fleet(); }
  absl::Time Now() { return absl::Now(); }
  void Pass(absl::Duration time) { absl::SleepFor(time); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(),
               .pool = RandomId(),
               .durations = {.worker_timeout = kShortTimeout}})
          .value();
};

struct FleetNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryWorkers> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class FleetContract : public testing::Test {
 protected:
  absl::StatusOr<WorkerWish> Report(const std::string& worker, const std::string& record = "r",
                                    bool first = false) {
    return Await<WorkerWish>(kPatience, [&](Callback<WorkerWish> done) {
      store_.fleet().ReportWorker({worker, record, first}, std::move(done));
    });
  }
  absl::Status Leave(const std::string& worker) {
    return AwaitDone(kPatience,
                     [&](Done done) { store_.fleet().LeaveFleet(worker, std::move(done)); });
  }
  std::vector<WorkerEntry> List() {
    return Await<std::vector<WorkerEntry>>(
               kPatience, [&](auto done) { store_.fleet().ListWorkers(std::move(done)); })
        .value();
  }
  absl::StatusOr<WorkerEntry> Ask(const std::string& worker, WorkerWish wish) {
    return Await<WorkerEntry>(kPatience, [&](Callback<WorkerEntry> done) {
      store_.fleet().AskWorker(worker, wish, std::move(done));
    });
  }

  static constexpr absl::Duration kPatience = absl::Seconds(60);
  Store store_;
};
using Fleets = testing::Types<InMemoryWorkers, RedisWorkers>;
TYPED_TEST_SUITE(FleetContract, Fleets, FleetNames);

TYPED_TEST(FleetContract, WorkersAreListedAsTheyLastReported) {
  EXPECT_EQ(this->Report("b", std::string("\0b", 2)).value(), WorkerWish::kServe);
  EXPECT_EQ(this->Report("a", "old").value(), WorkerWish::kServe);
  EXPECT_EQ(this->Report("a", "new").value(), WorkerWish::kServe);
  const std::vector<WorkerEntry> workers = this->List();
  ASSERT_EQ(workers.size(), 2u);
  EXPECT_EQ(workers[0].id, "a");
  EXPECT_EQ(workers[0].record, "new");
  EXPECT_EQ(workers[1].record, std::string("\0b", 2));
  EXPECT_LE(workers[0].reported, this->store_.Now() + absl::Milliseconds(1));
  EXPECT_GE(workers[0].reported, workers[1].reported);
}

TYPED_TEST(FleetContract, AWorkerLearnsWhatIsWantedWithItsNextReport) {
  ASSERT_TRUE(this->Report("a").ok());
  EXPECT_EQ(this->Ask("a", WorkerWish::kPause).value().wish, WorkerWish::kPause);
  EXPECT_EQ(this->List().at(0).wish, WorkerWish::kPause);
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kPause);
  EXPECT_EQ(this->Report("b").value(), WorkerWish::kServe);
  EXPECT_EQ(this->Ask("a", WorkerWish::kServe).value().wish, WorkerWish::kServe);
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kServe);
  EXPECT_EQ(this->Ask("a", WorkerWish::kDrain).value().record, "r");
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kDrain);
}

TYPED_TEST(FleetContract, ADrainEndsWithItsProcessAndAPauseDoesNot) {
  ASSERT_TRUE(this->Report("a").ok());
  ASSERT_TRUE(this->Report("b").ok());
  ASSERT_TRUE(this->Ask("a", WorkerWish::kDrain).ok());
  ASSERT_TRUE(this->Ask("b", WorkerWish::kPause).ok());
  EXPECT_EQ(this->Report("a", "r", true).value(), WorkerWish::kServe);
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kServe);
  EXPECT_EQ(this->Report("b", "r", true).value(), WorkerWish::kPause);
}

TYPED_TEST(FleetContract, AWorkerThatIsSilentIsGoneAndComesBackAsItWas) {
  ASSERT_TRUE(this->Report("a").ok());
  ASSERT_TRUE(this->Ask("a", WorkerWish::kPause).ok());
  this->store_.Pass(kShortTimeout + absl::Milliseconds(20));
  EXPECT_TRUE(this->List().empty());
  EXPECT_TRUE(absl::IsNotFound(this->Ask("a", WorkerWish::kServe).status()));
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kPause);
}

TYPED_TEST(FleetContract, AWorkerThatHasLeftIsForgotten) {
  ASSERT_TRUE(this->Report("a").ok());
  ASSERT_TRUE(this->Ask("a", WorkerWish::kPause).ok());
  EXPECT_TRUE(this->Leave("a").ok());
  EXPECT_TRUE(this->Leave("a").ok());
  EXPECT_TRUE(this->List().empty());
  EXPECT_TRUE(absl::IsNotFound(this->Ask("a", WorkerWish::kServe).status()));
  EXPECT_EQ(this->Report("a").value(), WorkerWish::kServe);
}

TYPED_TEST(FleetContract, OnlySoManyCanBeThereAtOnce) {
  // On a busy machine the first are gone again before the last have reported.
  bool refused = false;
  for (int tries = 0; tries < 50 && !refused; ++tries) {
    for (int i = 1; i < kMaxWorkers; ++i) {
      this->store_.fleet().ReportWorker({absl::StrCat("w", i), "r", false}, [](const auto&) {});
    }
    ASSERT_TRUE(this->Report("w0").ok());
    refused = absl::IsResourceExhausted(this->Report("more").status());
    if (!refused) {
      ASSERT_TRUE(this->Leave("more").ok());
    }
  }
  EXPECT_TRUE(refused);
  EXPECT_TRUE(this->Report("w0").ok());
  this->store_.Pass(kShortTimeout + absl::Milliseconds(20));
  EXPECT_TRUE(this->Report("more").ok());
}

TYPED_TEST(FleetContract, WhatNoStoreKeepsIsRefused) {
  EXPECT_EQ(CodeOf(this->Report("A b")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->Report("a", std::string(kMaxWorkerRecordBytes + 1, 'x'))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->Ask("a/b", WorkerWish::kPause)), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::scheduler
