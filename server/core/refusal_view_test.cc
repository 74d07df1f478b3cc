#include "server/core/refusal_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "google/rpc/error_details.pb.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

using scheduler::RefusalCause;
using testing::HasSubstr;

template <typename Detail>
std::optional<Detail> DetailIn(const absl::Status& status) {
  const google::rpc::Status wire = ToRpcStatus(status);
  for (const auto& any : wire.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

class RefusalViewTest : public testing::Test {
 protected:
  RefusalViewTest() {
    job_.tenant = "alice";
    job_.max_queued = 1000;
    job_.terms.tier = "free";
    job_.terms.max_queued = 5;
    job_.terms.daily_device_time = absl::Minutes(2);
  }

  // Checks what all have in common, and returns the quota's violation.
  google::rpc::QuotaFailure::Violation View(scheduler::Refusal refusal, const std::string& reason) {
    const absl::Status status = ViewRefusal(refusal, job_, absl::Seconds(7));
    EXPECT_TRUE(absl::IsResourceExhausted(status));
    EXPECT_EQ(DetailIn<google::rpc::ErrorInfo>(status)->reason(), reason);
    retry_ = DetailIn<google::rpc::RetryInfo>(status)->retry_delay().seconds();
    const auto quota = DetailIn<google::rpc::QuotaFailure>(status);
    return quota.has_value() ? quota->violations(0) : google::rpc::QuotaFailure::Violation();
  }

  RefusedJob job_;
  std::int64_t retry_ = 0;  // s
};

TEST_F(RefusalViewTest, AFullTenantIsToldItsTierAndWhenThereIsRoom) {
  const auto violation = View({RefusalCause::kTenantQueueFull}, "TENANT_QUEUE_FULL");
  EXPECT_EQ(violation.subject(), "tenant:alice");
  EXPECT_EQ(violation.description(),
            "5 jobs of yours are waiting, the most that the tier \"free\" allows");
  EXPECT_EQ(retry_, 7);
}

TEST_F(RefusalViewTest, AUsedUpDayIsToldWithTheTimeThatTheStoreKnows) {
  const auto violation =
      View({RefusalCause::kDailyDeviceTime, absl::Hours(5)}, "DAILY_DEVICE_TIME_USED");
  EXPECT_EQ(violation.subject(), "tenant:alice");
  EXPECT_THAT(violation.description(), HasSubstr("120 s of device time a day"));
  EXPECT_THAT(violation.description(), HasSubstr("\"free\""));
  EXPECT_EQ(retry_, 5 * 3600);
}

TEST_F(RefusalViewTest, AFullPoolIsNobodysOwnQuota) {
  EXPECT_EQ(View({RefusalCause::kPoolFull}, "QUEUE_FULL").subject(), "queue");
  EXPECT_EQ(retry_, 7);
}

TEST_F(RefusalViewTest, AStoreShortOfMemoryIsNoQuota) {
  EXPECT_EQ(View({RefusalCause::kStoreFull}, "STORE_FULL").subject(), "");
  EXPECT_EQ(retry_, 60);
}

TEST_F(RefusalViewTest, WaitsThatOthersDecideAreBetweenASecondAndAMinute) {
  const auto seconds = [this](absl::Duration room) {
    const absl::Status status = ViewRefusal({RefusalCause::kPoolFull}, job_, room);
    return DetailIn<google::rpc::RetryInfo>(status)->retry_delay().seconds();
  };
  EXPECT_EQ(seconds(absl::ZeroDuration()), 1);
  EXPECT_EQ(seconds(absl::Hours(1)), 60);
}

}  // namespace
}  // namespace darkroom::server
