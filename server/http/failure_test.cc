#include "server/http/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/api_error.h"

namespace darkroom::server::http {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

TEST(FailureTest, CodesBecomeTheStatusesOfGoogleRpc) {
  const std::pair<absl::StatusCode, int> pairs[] = {
      {absl::StatusCode::kInvalidArgument, 400},   {absl::StatusCode::kUnauthenticated, 401},
      {absl::StatusCode::kPermissionDenied, 403},  {absl::StatusCode::kNotFound, 404},
      {absl::StatusCode::kAlreadyExists, 409},     {absl::StatusCode::kResourceExhausted, 429},
      {absl::StatusCode::kInternal, 500},          {absl::StatusCode::kUnimplemented, 501},
      {absl::StatusCode::kUnavailable, 503},       {absl::StatusCode::kDeadlineExceeded, 504},
      {absl::StatusCode::kFailedPrecondition, 400}};
  for (const auto& [code, status] : pairs) {
    EXPECT_EQ(FailureOf(absl::Status(code, "x")).http_status, status) << code;
  }
}

TEST(FailureTest, RetryIsToldInWholeSecondsThatSuffice) {
  const absl::Status full =
      WithRetry(ApiError(absl::StatusCode::kResourceExhausted, reason::kQueueFull, "full \"now\""),
                absl::Milliseconds(2100));
  const Response response = ToResponse(FailureOf(full), GoogleErrorShape);
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.headers, Contains(Field{"Retry-After", "3"}));
  EXPECT_THAT(response.headers, Contains(Field{"Retry-After-Ms", "2100"}));
  EXPECT_THAT(*response.body,
              AllOf(HasSubstr("\"code\":429"), HasSubstr("\"status\":\"RESOURCE_EXHAUSTED\""),
                    HasSubstr("full \\\"now\\\""), HasSubstr("\"reason\":\"QUEUE_FULL\""),
                    HasSubstr("\"retryDelay\":\"2.100s\"")));
}

TEST(FailureTest, AMissingKeyIsAskedFor) {
  const absl::Status status =
      ApiError(absl::StatusCode::kUnauthenticated, reason::kUnauthenticated, "who?");
  EXPECT_THAT(ToResponse(FailureOf(status), GoogleErrorShape).headers,
              Contains(Field{"WWW-Authenticate", "Bearer"}));
}

}  // namespace
}  // namespace darkroom::server::http
