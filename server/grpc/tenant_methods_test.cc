#include <gmock/gmock.h>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::CreateJobRequest;
using darkroom::v1::Job;
using testing::ElementsAre;
using testing::HasSubstr;

// What callers of different tiers may do: alice has a key without a tier, bob's is "free",
// carol's is "slow".
class TenantMethodsTest : public GatewayTest {
 protected:
  TenantMethodsTest() {
    Tier& free = tiers_["free"];
    free.terms.tier = "free";
    free.limits = {.pixels = 64 * 64, .steps = 10, .images = 1};
    Tier& slow = tiers_["slow"];
    slow.terms.tier = "slow";
    slow.terms.weight = 3;
    slow.terms.max_queued = 7;
    slow.requests = {.interval = absl::Seconds(2000), .burst = 2};
  }
};

TEST_F(TenantMethodsTest, RequestsOverTheTierAreRefusedByFieldWithLimitAndTier) {
  CreateJobRequest request;
  request.mutable_parameters()->set_image_count(2);
  Job job;
  EXPECT_TRUE(Create(request, job, kAliceKey).ok());
  const grpc::Status status = Create(request, job, kBobKey);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(BadFieldsOf(status),
              ElementsAre("parameters.width", "parameters.steps", "parameters.image_count"));
  EXPECT_THAT(status.error_message(), HasSubstr("the tier \"free\" allows at most 10"));
}

TEST_F(TenantMethodsTest, TheStoreIsToldTheTermsOfTheTierAndItsRefusalsAreExplained) {
  Tier& slow = tiers_.at("slow");
  store_.Refuse({scheduler::RefusalCause::kTenantQueueFull});
  Job job;
  const grpc::Status full = Create({}, job, kCarolKey);
  EXPECT_EQ(store_.terms().tier, "slow");
  EXPECT_EQ(store_.terms().weight, slow.terms.weight);
  EXPECT_EQ(store_.terms().max_queued, slow.terms.max_queued);
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(full), "TENANT_QUEUE_FULL");
  const auto quota = DetailOf<google::rpc::QuotaFailure>(full);
  EXPECT_EQ(quota->violations(0).subject(), "tenant:carol");
  EXPECT_THAT(quota->violations(0).description(), HasSubstr("7 jobs of yours are waiting"));
  EXPECT_GE(DetailOf<google::rpc::RetryInfo>(full)->retry_delay().seconds(), 1);

  store_.Refuse({scheduler::RefusalCause::kDailyDeviceTime, absl::Hours(5)});
  const grpc::Status used_up = Create({}, job, kCarolKey);
  EXPECT_EQ(ReasonOf(used_up), "DAILY_DEVICE_TIME_USED");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(used_up)->retry_delay().seconds(), 5 * 3600);
}

TEST_F(TenantMethodsTest, RequestsBeyondTheRateAreRefusedWithTheTrueWait) {
  const auto explain = [this](const std::string& key) {
    darkroom::v1::ExplainPromptResponse response;
    return prompts_->ExplainPrompt(Context(key).get(), {}, &response);
  };
  Job job;
  EXPECT_TRUE(Create({}, job, kCarolKey).ok());
  explain(kCarolKey);  // counts, whatever comes of it
  for (const grpc::Status& status : {Create({}, job, kCarolKey), explain(kCarolKey)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(status), "TOO_MANY_REQUESTS");
    const auto quota = DetailOf<google::rpc::QuotaFailure>(status);
    EXPECT_EQ(quota->violations(0).subject(), "tenant:carol");
    EXPECT_THAT(quota->violations(0).description(), HasSubstr("the tier \"slow\" allows 0.0005"));
    const auto retry = DetailOf<google::rpc::RetryInfo>(status)->retry_delay().seconds();
    EXPECT_LE(retry, 2000);
    EXPECT_GE(retry, 2000 - absl::ToInt64Seconds(kLiveness));
  }
  EXPECT_TRUE(Get(job.name(), job, kCarolKey).ok()) << "looking is free";
  EXPECT_TRUE(Create({}, job, kAliceKey).ok()) << "others do not wait";
}

TEST_F(TenantMethodsTest, WithoutTheStoreARateCannotBeHeldAndTheCallIsUnavailable) {
  store_.Become(FlakyStore::Mode::kRefuses);
  darkroom::v1::ExplainPromptResponse response;
  const grpc::Status status = prompts_->ExplainPrompt(Context(kCarolKey).get(), {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "STORE_UNAVAILABLE");
}

TEST_F(TenantMethodsTest, CallersWithoutAKeyAreTenantsByTheirAddress) {
  const auto call = [this](const std::string& forwarded, const std::string& name) {
    const auto context = Context();
    context->AddMetadata("x-forwarded-for", forwarded);
    darkroom::v1::GetJobRequest request;
    request.set_name(name);
    Job job;
    return generation_->GetJob(context.get(), request, &job).error_code();
  };
  const auto context = Context();
  context->AddMetadata("x-forwarded-for", "192.0.2.1");
  CreateJobRequest request;
  Job job;
  ASSERT_TRUE(generation_->CreateJob(context.get(), request, &job).ok());
  EXPECT_EQ(call("192.0.2.1", job.name()), grpc::StatusCode::OK);
  EXPECT_EQ(call("192.0.2.1, 127.0.0.1", job.name()), grpc::StatusCode::OK);
  EXPECT_EQ(call("192.0.2.2", job.name()), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(call("192.0.2.1, 192.0.2.2", job.name()), grpc::StatusCode::NOT_FOUND);
  Job got;
  EXPECT_EQ(Get(job.name(), got).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Get(job.name(), got, kAliceKey).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace darkroom::server
