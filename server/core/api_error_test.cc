#include "server/core/api_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ApiErrorTest, DetailsGoOverTheWireErrorInfoFirst) {
  const absl::Status status =
      WithQuota(WithRetry(ApiError(absl::StatusCode::kResourceExhausted, reason::kQueueFull, "full",
                                   {{"limit", "7"}}),
                          absl::Milliseconds(1500)),
                "queue", "7 wait");
  const google::rpc::Status wire = ToRpcStatus(status);
  EXPECT_EQ(wire.code(), 8);
  EXPECT_EQ(wire.message(), "full");
  ASSERT_EQ(wire.details_size(), 3);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(wire.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "QUEUE_FULL");
  EXPECT_EQ(info.domain(), "darkroom");
  EXPECT_EQ(info.metadata().at("limit"), "7");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(wire.details(2).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(FromRpcStatus(wire), status);
}

TEST(ApiErrorTest, MessageRepeatsTheViolationsButStaysShort) {
  const std::vector<FieldViolation> many(50, {"field", std::string(100, 'x')});
  const absl::Status status = InvalidRequest(many);
  EXPECT_THAT(std::string(status.message()), HasSubstr("field xxx"));
  EXPECT_LT(status.message().size(), 1200u);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(ToRpcStatus(status).details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations_size(), 50);
}

TEST(ApiErrorTest, StoreErrorsDoNotLeakTheirMessages) {
  const absl::Status internal = StoreError(absl::DataLossError("redis 10.0.0.7 said WRONGTYPE"));
  EXPECT_TRUE(absl::IsInternal(internal));
  EXPECT_THAT(std::string(internal.message()), Not(HasSubstr("10.0.0.7")));
  EXPECT_TRUE(absl::IsUnavailable(StoreError(absl::UnavailableError("x"))));
  const absl::Status ours = ApiError(absl::StatusCode::kNotFound, reason::kJobNotFound, "no");
  EXPECT_EQ(StoreError(ours), ours);
}

}  // namespace
}  // namespace darkroom::server
