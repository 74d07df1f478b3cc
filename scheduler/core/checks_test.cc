#include "scheduler/core/checks.h"

#include <limits>
#include <string>
#include <vector>

#include "common/ids.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

Submission Acceptable() {
  Submission submission;
  submission.id = RandomId();
  submission.tenant = "alice";
  submission.model = "demo";
  submission.cost = absl::Seconds(1);
  return submission;
}

TEST(ChecksTest, AcceptsAnOrdinarySubmission) { EXPECT_TRUE(CheckSubmission(Acceptable()).ok()); }

TEST(ChecksTest, RefusesNamesThatCouldNotBePartOfAKey) {
  Submission submission = Acceptable();
  submission.tenant = "al}ice";
  EXPECT_EQ(CheckSubmission(submission).code(), absl::StatusCode::kInvalidArgument);
  submission = Acceptable();
  submission.model = "";
  EXPECT_EQ(CheckSubmission(submission).code(), absl::StatusCode::kInvalidArgument);
  submission = Acceptable();
  submission.id = "../../etc";
  EXPECT_EQ(CheckSubmission(submission).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChecksTest, RefusesATokenThatCouldNotBePartOfAKey) {
  LeaseRequest request{.worker = "worker-1", .models = {"demo"}};
  EXPECT_TRUE(CheckLeaseRequest(request).ok());
  request.token = RandomId();
  EXPECT_TRUE(CheckLeaseRequest(request).ok());
  request.token = "1";
  EXPECT_EQ(CheckLeaseRequest(request).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChecksTest, RefusesCostsThatCannotBeSummedExactly) {
  Submission submission = Acceptable();
  submission.cost = -absl::Seconds(1);
  EXPECT_EQ(CheckSubmission(submission).code(), absl::StatusCode::kInvalidArgument);
  submission.cost = absl::InfiniteDuration();
  EXPECT_EQ(CheckSubmission(submission).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChecksTest, BoundsWhatOneOperationMayTouch) {
  EXPECT_TRUE(CheckLimit(1).ok());
  EXPECT_TRUE(CheckLimit(kMaxItems).ok());
  EXPECT_FALSE(CheckLimit(0).ok());
  EXPECT_FALSE(CheckLimit(kMaxItems + 1).ok());
  EXPECT_FALSE(CheckRenewal(std::vector<LeaseKey>(kMaxItems + 1)).ok());
  EXPECT_FALSE(CheckPreview(0, std::string(kMaxPreviewBytes + 1, 'x')).ok());
  EXPECT_FALSE(CheckPreview(-1, "x").ok());
}

TEST(ChecksTest, PageTokensAreReadBackAndForeignOnesRefused) {
  EXPECT_EQ(ParsePageToken(FormatPageToken(42)).value(), 42);
  EXPECT_EQ(ParsePageToken("").value(), std::numeric_limits<std::int64_t>::max());
  for (const char* foreign : {"0", "-3", "7 ", "x", "007", "1e3"}) {
    EXPECT_EQ(ParsePageToken(foreign).status().code(), absl::StatusCode::kInvalidArgument)
        << foreign;
  }
}

}  // namespace
}  // namespace darkroom::scheduler
