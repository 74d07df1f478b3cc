#include "scheduler/core/refusal.h"

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(RefusalTest, ComesBackOutOfItsStatus) {
  for (const RefusalCause cause :
       {RefusalCause::kStoreFull, RefusalCause::kPoolFull, RefusalCause::kTenantQueueFull,
        RefusalCause::kDailyDeviceTime}) {
    const Refusal refusal = {cause, absl::Seconds(90)};
    const absl::Status status = RefusalError(refusal);
    EXPECT_TRUE(absl::IsResourceExhausted(status));
    EXPECT_EQ(RefusalOf(status), refusal);
  }
}

TEST(RefusalTest, OtherErrorsAreNone) {
  EXPECT_EQ(RefusalOf(absl::ResourceExhaustedError("no room")), std::nullopt);
  EXPECT_EQ(RefusalOf(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace darkroom::scheduler
