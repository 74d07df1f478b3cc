#include "cli/rpc_status.h"

#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "google/rpc/error_details.pb.h"

namespace darkroom::cli {
namespace {

google::rpc::Status BadRequest() {
  google::rpc::Status status;
  status.set_code(3);
  status.set_message("the request has 2 wrong fields");
  google::rpc::BadRequest details;
  auto* violation = details.add_field_violations();
  violation->set_field("parameters.steps");
  violation->set_description("10000 is not in 1 to 150");
  violation = details.add_field_violations();
  violation->set_field("parameters.sampler");
  violation->set_description("\"Eular\" is not one of Euler, Euler a, DDIM");
  status.add_details()->PackFrom(details);
  google::rpc::ErrorInfo info;
  info.set_reason("INVALID_PARAMETERS");
  status.add_details()->PackFrom(info);
  return status;
}

TEST(RpcStatusTest, PrintsEveryFieldViolation) {
  EXPECT_EQ(ErrorText(BadRequest()),
            "the request was refused\n"
            "  parameters.steps: 10000 is not in 1 to 150\n"
            "  parameters.sampler: \"Eular\" is not one of Euler, Euler a, DDIM\n"
            "  reason: INVALID_PARAMETERS\n");
}

TEST(RpcStatusTest, CarriesTheDetailsThroughAnAbslStatus) {
  const absl::Status status = FromRpcStatus(BadRequest());
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(ErrorText(status), ErrorText(BadRequest()));
  EXPECT_EQ(ExitCodeOf(status.code()), ExitCode::kRefused);
  EXPECT_EQ(RetryDelay(status), std::nullopt);
}

TEST(RpcStatusTest, PrintsWhenToTryAgain) {
  google::rpc::Status full;
  full.set_code(8);
  full.set_message("the queue is full");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  full.add_details()->PackFrom(retry);
  google::rpc::QuotaFailure quota;
  auto* violation = quota.add_violations();
  violation->set_subject("pool:default");
  violation->set_description("at most 100 queued jobs");
  full.add_details()->PackFrom(quota);
  google::rpc::ErrorInfo info;
  info.set_reason("QUEUE_FULL");
  (*info.mutable_metadata())["queued"] = "100";
  full.add_details()->PackFrom(info);
  EXPECT_EQ(ErrorText(full),
            "the queue is full\n"
            "  try again in 2.5s\n"
            "  quota of pool:default: at most 100 queued jobs\n"
            "  reason: QUEUE_FULL (queued: 100)\n");
  EXPECT_EQ(RetryDelay(FromRpcStatus(full)), absl::Seconds(2.5));
  EXPECT_EQ(ExitCodeOf(FromRpcStatus(full).code()), ExitCode::kUnavailable);
}

TEST(RpcStatusTest, PrintsAnErrorWithoutDetailsAndOneWithoutAMessage) {
  EXPECT_EQ(ErrorText(absl::NotFoundError("no such job")), "no such job\n");
  EXPECT_EQ(ErrorText(absl::InternalError("")), "INTERNAL\n");
}

}  // namespace
}  // namespace darkroom::cli
