#include "scheduler/core/order_policy.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(OrderPolicyTest, ServesTheEarliestSubmissionOverAllModels) {
  const std::vector<QueueHead> heads = {{.order = 7, .model = "a", .cost = absl::Seconds(1)},
                                        {.order = 3, .model = "b", .cost = absl::Seconds(9)},
                                        {.order = 5, .model = "c", .cost = absl::Seconds(1)}};
  EXPECT_EQ(NextToLease(heads), 1);
}

TEST(OrderPolicyTest, HasNothingToServeWhenNoQueueHasAHead) {
  EXPECT_EQ(NextToLease({}), std::nullopt);
}

TEST(OrderPolicyTest, EstimatesTheCostAheadFromTheMean) {
  EXPECT_EQ(EstimateCostAhead(3, 4, absl::Seconds(8)), absl::Seconds(6));
}

TEST(OrderPolicyTest, NothingIsAheadOfTheFirstJob) {
  EXPECT_EQ(EstimateCostAhead(0, 4, absl::Seconds(8)), absl::ZeroDuration());
  EXPECT_EQ(EstimateCostAhead(-1, 0, absl::ZeroDuration()), absl::ZeroDuration());
}

}  // namespace
}  // namespace darkroom::scheduler
