#include "scheduler/reaper/reaper.h"

#include <deque>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

// A store that answers Reap from a script and then with empty reports.
class ScriptedStore : public LeaseStore {
 public:
  explicit ScriptedStore(std::deque<absl::StatusOr<ReapReport>> answers)
      : answers_(std::move(answers)) {}

  void Reap(int, Callback<ReapReport> done) override {
    absl::StatusOr<ReapReport> answer = ReapReport();
    {
      MutexLock lock(&mutex_);
      ++calls_;
      if (!answers_.empty()) {
        answer = std::move(answers_.front());
        answers_.pop_front();
      }
    }
    done(std::move(answer));
  }

  bool WaitForCalls(int calls) {
    MutexLock lock(&mutex_);
    const auto enough = [this, calls]()
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_ >= calls; };
    return mutex_.AwaitWithTimeout(enough, absl::Seconds(30));
  }

  int calls() {
    MutexLock lock(&mutex_);
    return calls_;
  }

  void Acquire(LeaseRequest, Callback<std::vector<LeasedJob>> done) override { done(Unused()); }
  void Renew(std::vector<LeaseKey>, Callback<std::vector<LeaseStatus>> done) override {
    done(Unused());
  }
  void Finish(LeaseKey, JobOutcome, Done done) override { done(Unused()); }
  void Release(LeaseKey, Done done) override { done(Unused()); }

 private:
  static absl::Status Unused() { return absl::InternalError("a reaper only reaps"); }

  Mutex mutex_;
  std::deque<absl::StatusOr<ReapReport>> answers_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

constexpr absl::Duration kNever = absl::Hours(1);

TEST(ReaperTest, GoesOnAtOnceWhileThereIsMore) {
  const ReapReport more = {.requeued = 100, .more = true};
  ScriptedStore store({more, more, ReapReport()});
  const Reaper reaper(&store, kNever);
  EXPECT_TRUE(store.WaitForCalls(3));
}

TEST(ReaperTest, WaitsForTheIntervalWhenThereIsNoMore) {
  ScriptedStore store({});
  {
    const Reaper reaper(&store, kNever);
    EXPECT_TRUE(store.WaitForCalls(1));
  }
  EXPECT_EQ(store.calls(), 1);
}

TEST(ReaperTest, CallsAgainAfterTheInterval) {
  ScriptedStore store({});
  const Reaper reaper(&store, absl::Milliseconds(1));
  EXPECT_TRUE(store.WaitForCalls(3));
}

TEST(ReaperTest, TellsWhatEachCallHasDone) {
  ScriptedStore store({ReapReport{.requeued = 3, .more = true}, absl::UnavailableError("gone"),
                       ReapReport{.dead = 2}});
  Mutex mutex;
  std::vector<std::pair<int, int>> noted;
  {
    const Reaper reaper(&store, absl::Milliseconds(1), [&](const ReapReport& report) {
      const MutexLock lock(&mutex);
      if (report.requeued + report.dead > 0) noted.emplace_back(report.requeued, report.dead);
    });
    EXPECT_TRUE(store.WaitForCalls(4));
  }
  EXPECT_EQ(noted, (std::vector<std::pair<int, int>>{{3, 0}, {0, 2}}));
}

TEST(ReaperTest, SurvivesAStoreThatCannotBeReached) {
  ScriptedStore store({absl::UnavailableError("gone"), absl::UnavailableError("gone")});
  const Reaper reaper(&store, absl::Milliseconds(1));
  EXPECT_TRUE(store.WaitForCalls(3));
}

}  // namespace
}  // namespace darkroom::scheduler
