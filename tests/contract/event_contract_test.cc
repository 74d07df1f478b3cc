#include <atomic>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/mutex.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

// Counts hints.
class Bell {
 public:
  EventBus::Hint hint() {
    return [this] {
      MutexLock lock(&mutex_);
      ++rings_;
    };
  }
  // Waits until it has rung more than `rings` times.
  bool RingsAfter(int rings) {
    MutexLock lock(&mutex_);
    const auto rung = [this, rings]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rings_ > rings; };
    return mutex_.AwaitWithTimeout(rung, absl::Seconds(30));
  }
  int rings() {
    MutexLock lock(&mutex_);
    return rings_;
  }

 private:
  Mutex mutex_;
  int rings_ ABSL_GUARDED_BY(mutex_) = 0;
};

std::vector<std::int64_t> SequencesOf(const std::vector<JobEvent>& events) {
  std::vector<std::int64_t> sequences;
  for (const JobEvent& event : events) sequences.push_back(event.sequence);
  return sequences;
}

template <typename Store>
class EventContract : public ContractTest<Store> {};
TYPED_TEST_SUITE(EventContract, Stores, StoreNames);

TYPED_TEST(EventContract, AJobsHistoryIsCompleteAndWithoutAGap) {
  this->Queue();
  const JobId id = this->Queue();
  ASSERT_TRUE(this->calls->Finish(KeyOf(this->Lease()), Succeeded{}).ok());
  const LeaseKey key = KeyOf(this->Lease());
  ASSERT_TRUE(
      this->calls
          ->Append(key, ProgressEvent{.step = 3, .steps = 20, .time_left = absl::Milliseconds(700)})
          .ok());
  ASSERT_TRUE(this->calls->Append(key, PreviewEvent{.image = 1, .step = 3}).ok());
  ASSERT_TRUE(this->calls->Append(key, ImageEvent{.image = 1, .fence = key.fence}).ok());
  ASSERT_TRUE(this->calls->Finish(key, Succeeded{.result = "r"}).ok());
  const std::vector<JobEvent> events = this->calls->Read(id, 0).value();
  EXPECT_EQ(SequencesOf(events), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(std::holds_alternative<AcceptedEvent>(events[0].body));
  EXPECT_EQ(std::get<QueuedEvent>(events[1].body).position, 1);
  EXPECT_FALSE(std::get<QueuedEvent>(events[1].body).requeued);
  EXPECT_EQ(std::get<StartedEvent>(events[2].body).attempt, 1);
  EXPECT_EQ(std::get<ProgressEvent>(events[3].body).step, 3);
  EXPECT_EQ(std::get<ProgressEvent>(events[3].body).steps, 20);
  EXPECT_EQ(std::get<ProgressEvent>(events[3].body).time_left, absl::Milliseconds(700));
  EXPECT_EQ(std::get<PreviewEvent>(events[4].body).image, 1);
  EXPECT_EQ(std::get<PreviewEvent>(events[4].body).step, 3);
  EXPECT_EQ(std::get<ImageEvent>(events[5].body).fence, key.fence);
  EXPECT_EQ(std::get<FinishedEvent>(events[6].body).state, JobState::kSucceeded);
  for (std::size_t i = 1; i < events.size(); ++i) EXPECT_LE(events[i - 1].time, events[i].time);
  EXPECT_EQ(this->calls->Get("alice", id).value().last_sequence, 7);
}

TYPED_TEST(EventContract, AJobThatWasHandedBackGoesOnInTheSameHistory) {
  const JobId id = this->Queue();
  ASSERT_TRUE(this->calls->Release(KeyOf(this->Lease())).ok());
  this->Lease();
  const std::vector<JobEvent> events = this->calls->Read(id, 2).value();
  EXPECT_EQ(SequencesOf(events), (std::vector<std::int64_t>{3, 4, 5}));
  EXPECT_TRUE(std::get<QueuedEvent>(events[1].body).requeued);
  EXPECT_TRUE(std::holds_alternative<StartedEvent>(events[2].body));
}

TYPED_TEST(EventContract, AWatcherResumesWhereItStopped) {
  const JobId id = this->Queue();
  const LeaseKey key = KeyOf(this->Lease());
  for (int step = 1; step <= 10; ++step) {
    ASSERT_TRUE(this->calls->Append(key, ProgressEvent{.step = step, .steps = 10}).ok());
  }
  EXPECT_EQ(SequencesOf(this->calls->Read(id, 0, 4).value()),
            (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(SequencesOf(this->calls->Read(id, 11).value()), (std::vector<std::int64_t>{12, 13}));
  EXPECT_TRUE(this->calls->Read(id, 13).value().empty());
  EXPECT_TRUE(this->calls->Read(id, 1000).value().empty());
  EXPECT_TRUE(this->calls->Read(RandomId(), 0).value().empty());
}

TYPED_TEST(EventContract, OnlyTheNewestEventsAreKept) {
  const JobId id = this->Queue();
  const LeaseKey key = KeyOf(this->Lease());
  const int appended = EventBus::kHistory + 10;
  for (int step = 1; step <= appended; ++step) {
    ASSERT_TRUE(this->calls->Append(key, ProgressEvent{.step = step, .steps = appended}).ok());
  }
  const std::vector<JobEvent> events = this->calls->Read(id, 0).value();
  ASSERT_EQ(events.size(), static_cast<std::size_t>(EventBus::kHistory));
  const std::int64_t last = appended + 3;
  EXPECT_EQ(events.front().sequence, last - EventBus::kHistory + 1);
  EXPECT_EQ(events.back().sequence, last);
}

TYPED_TEST(EventContract, AnUnknownTimeLeftStaysUnknown) {
  const JobId id = this->Queue();
  const LeaseKey key = KeyOf(this->Lease());
  ASSERT_TRUE(
      this->calls
          ->Append(key, ProgressEvent{.step = 0, .steps = 5, .time_left = absl::InfiniteDuration()})
          .ok());
  const JobEvent event = this->calls->Read(id, 3).value().at(0);
  EXPECT_EQ(std::get<ProgressEvent>(event.body).time_left, absl::InfiniteDuration());
}

TYPED_TEST(EventContract, WatchersAreHintedOfEveryKindOfChange) {
  const JobId id = this->Queue();
  Bell bell;
  const auto subscription = this->store->events().Subscribe(JobTopic{id}, bell.hint());
  int before = bell.rings();
  const LeaseKey key = KeyOf(this->Lease());
  EXPECT_TRUE(bell.RingsAfter(before)) << "started";
  before = bell.rings();
  ASSERT_TRUE(this->calls->Append(key, ProgressEvent{.step = 1, .steps = 2}).ok());
  EXPECT_TRUE(bell.RingsAfter(before)) << "progress";
  before = bell.rings();
  ASSERT_TRUE(this->calls->Cancel("alice", id).ok());
  EXPECT_TRUE(bell.RingsAfter(before)) << "cancel requested";
  before = bell.rings();
  ASSERT_TRUE(this->calls->Finish(key, Cancelled{}).ok());
  EXPECT_TRUE(bell.RingsAfter(before)) << "finished";
}

TYPED_TEST(EventContract, IdleWorkersAreHintedOfNewAndOfRequeuedWork) {
  Bell bell;
  const auto subscription = this->store->events().Subscribe(WorkTopic{}, bell.hint());
  int before = bell.rings();
  this->Queue();
  EXPECT_TRUE(bell.RingsAfter(before)) << "submitted";
  const LeaseKey key = KeyOf(this->Lease());
  before = bell.rings();
  ASSERT_TRUE(this->calls->Release(key).ok());
  EXPECT_TRUE(bell.RingsAfter(before)) << "released";
}

TYPED_TEST(EventContract, SubscribersOfOneTopicAreIndependent) {
  const JobId id = this->Queue();
  Bell first;
  Bell second;
  auto leaving = this->store->events().Subscribe(JobTopic{id}, first.hint());
  const auto staying = this->store->events().Subscribe(JobTopic{id}, second.hint());
  leaving.reset();
  const int silent = first.rings();
  const int before = second.rings();
  this->Lease();
  EXPECT_TRUE(second.RingsAfter(before));
  EXPECT_EQ(first.rings(), silent);
}

TYPED_TEST(EventContract, ATopicCanBeLeftAndJoinedAgain) {
  const JobId id = this->Queue();
  for (int i = 0; i < 20; ++i) {
    this->store->events().Subscribe(JobTopic{id}, [] {}).reset();
  }
  Bell bell;
  const auto subscription = this->store->events().Subscribe(JobTopic{id}, bell.hint());
  const int before = bell.rings();
  this->Lease();
  EXPECT_TRUE(bell.RingsAfter(before));
}

TYPED_TEST(EventContract, AHintMayCallTheStoreAndEndItsSubscription) {
  const JobId id = this->Queue();
  Bell bell;
  std::atomic<bool> called = false;
  std::unique_ptr<Subscription> subscription;
  Mutex mutex;
  {
    MutexLock lock(&mutex);
    subscription = this->store->events().Subscribe(JobTopic{id}, [&] {
      if (called.exchange(true)) return;
      this->store->events().Read(id, 0, 10, [&](const auto& events) {
        EXPECT_TRUE(events.ok());
        bell.hint()();
      });
      MutexLock inner(&mutex);
      subscription.reset();
    });
  }
  this->Lease();
  EXPECT_TRUE(bell.RingsAfter(0));
  MutexLock lock(&mutex);
  EXPECT_EQ(subscription, nullptr);
}

TYPED_TEST(EventContract, TheNewestPreviewOfEachImageIsKept) {
  const JobId id = this->Queue();
  const LeaseKey key = KeyOf(this->Lease());
  EXPECT_EQ(CodeOf(this->calls->GetPreview(id, 0)), absl::StatusCode::kNotFound);
  ASSERT_TRUE(this->calls->PutPreview(key, 0, "rough").ok());
  ASSERT_TRUE(this->calls->PutPreview(key, 0, std::string("fine\0\xff", 6)).ok());
  ASSERT_TRUE(this->calls->PutPreview(key, 1, "other").ok());
  EXPECT_EQ(this->calls->GetPreview(id, 0).value(), std::string("fine\0\xff", 6));
  EXPECT_EQ(this->calls->GetPreview(id, 1).value(), "other");
  EXPECT_EQ(CodeOf(this->calls->GetPreview(id, 2)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->PutPreview(key, 0, std::string(32 * 1024 + 1, 'x'))),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(EventContract, ResultsAreKeptUnderTheirFence) {
  this->Queue();
  const LeaseKey first = KeyOf(this->Lease());
  ASSERT_TRUE(this->calls->Release(first).ok());
  const LeaseKey second = KeyOf(this->Lease());
  const std::string picture(300'000, '\0');
  ASSERT_TRUE(this->calls->PutResult(second, 0, picture).ok());
  ASSERT_TRUE(this->calls->PutResult(first, 0, "late").ok());
  EXPECT_EQ(this->calls->GetResult(second, 0).value(), picture);
  EXPECT_EQ(this->calls->GetResult(first, 0).value(), "late");
  EXPECT_EQ(CodeOf(this->calls->GetResult(second, 1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(this->calls->PutResult(second, -1, "x")), absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(EventContract, InputsAreKeptUnderTheirId) {
  const std::string one(64, '1');
  const std::string two(64, '2');
  const std::string picture(300'000, '\0');
  EXPECT_EQ(CodeOf(this->calls->GetInput(one)), absl::StatusCode::kNotFound);
  ASSERT_TRUE(this->calls->PutInput(one, picture).ok());
  ASSERT_TRUE(this->calls->PutInput(two, "other").ok());
  EXPECT_EQ(this->calls->GetInput(one).value(), picture);
  EXPECT_EQ(this->calls->GetInput(two).value(), "other");
  EXPECT_EQ(CodeOf(this->calls->PutInput("../escape", "x")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->GetInput("")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->PutInput(one, std::string((16 << 20) + 1, 'x'))),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(EventContract, ResultsDisappearAfterTheirTime) {
  const absl::Duration retention = absl::Milliseconds(300);
  this->UseOptions({.retention = retention});
  const LeaseKey key = {.id = RandomId(), .fence = 1};
  ASSERT_TRUE(this->calls->PutResult(key, 0, "picture").ok());
  this->store->Pass(2 * retention);
  EXPECT_EQ(CodeOf(this->calls->GetResult(key, 0)), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace darkroom::scheduler
