#include "common/await.h"

#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom {
namespace {

TEST(AwaitTest, ReturnsWhatAnotherThreadDelivers) {
  std::thread deliverer;
  absl::StatusOr<int> answer = Await<int>(absl::Seconds(30), [&](Callback<int> done) {
    deliverer = std::thread([done = std::move(done)]() mutable { done(42); });
  });
  deliverer.join();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, 42);
}

TEST(AwaitTest, ReturnsWhatIsDeliveredBeforeItWaits) {
  EXPECT_EQ(Await<int>(absl::Seconds(30), [](Callback<int> done) { done(7); }).value(), 7);
}

TEST(AwaitTest, GivesUpAndLateAnswersAreHarmless) {
  Callback<int> late;
  absl::StatusOr<int> answer =
      Await<int>(absl::Milliseconds(1), [&](Callback<int> done) { late = std::move(done); });
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  late(1);
}

TEST(AwaitTest, PassesAnErrorOn) {
  const absl::Status status =
      AwaitDone(absl::Seconds(30), [](Done done) { done(absl::NotFoundError("gone")); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace darkroom
