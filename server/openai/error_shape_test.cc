#include "server/openai/error_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/api_error.h"

namespace darkroom::server::openai {
namespace {

using http::FailureOf;
using http::Field;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Status Full(absl::Duration retry) {
  return WithRetry(ApiError(absl::StatusCode::kResourceExhausted, reason::kQueueFull, "it is full"),
                   retry);
}
std::string Advice(const absl::Status& status, bool queued, bool idempotent) {
  const http::Failure failure = WithRetryAdvice(FailureOf(status), queued, idempotent);
  EXPECT_EQ(failure.headers.size(), 1u);
  EXPECT_EQ(failure.headers.front().name, "X-Should-Retry");
  return failure.headers.front().value;
}

TEST(ErrorShapeTest, ErrorsNameTheParameterAsTheirClientsKnowIt) {
  EXPECT_EQ(OpenAiErrorShape(
                FailureOf(InvalidRequest({{"parameters.width", "is 9; choose 16"},
                                          {"parameters.init_image.mask.content", "is empty"},
                                          {"parameters.init_image.content", "is \"odd\""}}))),
            R"({"error":{"message":"size is 9; choose 16; mask is empty; image is \"odd\"",)"
            R"("type":"invalid_request_error","param":"size","code":"invalid_request"}})"
            "\n");
  EXPECT_EQ(OpenAiErrorShape(FailureOf(Full(absl::Seconds(2)))),
            R"({"error":{"message":"it is full","type":"rate_limit_error","param":null,)"
            R"("code":"queue_full"}})"
            "\n");
}

TEST(ErrorShapeTest, WhatOpenAiHasACodeForHasIt) {
  EXPECT_THAT(OpenAiErrorShape(FailureOf(ApiError(absl::StatusCode::kUnauthenticated,
                                                  reason::kUnauthenticated, "no key"))),
              HasSubstr(R"("code":"invalid_api_key")"));
  EXPECT_THAT(OpenAiErrorShape(FailureOf(ApiError(absl::StatusCode::kResourceExhausted,
                                                  reason::kDailyDeviceTimeUsed, "used"))),
              HasSubstr(R"("code":"insufficient_quota")"));
  EXPECT_THAT(OpenAiErrorShape(
                  FailureOf(ApiError(absl::StatusCode::kInternal, reason::kInternal, "a defect"))),
              HasSubstr(R"("type":"server_error","param":null,"code":"internal")"));
}

TEST(ErrorShapeTest, RetriesAreAdvisedOnlyWhereTheyDrawNothingTwice) {
  const absl::Status draining = WithRetry(
      ApiError(absl::StatusCode::kUnavailable, reason::kDraining, "it stops"), absl::Seconds(1));
  EXPECT_EQ(Advice(draining, /*queued=*/false, /*idempotent=*/false), "true");
  EXPECT_EQ(Advice(draining, /*queued=*/true, /*idempotent=*/false), "false");
  EXPECT_EQ(Advice(draining, /*queued=*/true, /*idempotent=*/true), "true");
  EXPECT_EQ(Advice(Full(absl::Seconds(60)), false, false), "true");
  EXPECT_EQ(Advice(Full(absl::Seconds(61)), false, false), "false") << "no client waits so long";
  EXPECT_EQ(Advice(Full(absl::Seconds(1)), true, true), "false") << "the job itself has failed";
  const absl::Status reused =
      ApiError(absl::StatusCode::kAlreadyExists, reason::kRequestIdReused, "other parameters");
  EXPECT_EQ(FailureOf(reused).http_status, 409);
  EXPECT_EQ(Advice(reused, false, true), "false");
}

}  // namespace
}  // namespace darkroom::server::openai
