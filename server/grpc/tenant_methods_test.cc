#include <gmock/gmock.h>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::CreateJobRequest;
using darkroom::v1::Job;
using testing::ElementsAre;
using testing::HasSubstr;

// What callers of different tiers may do: alice has a key without a tier, bob's is "free".
class TenantMethodsTest : public GatewayTest {
 protected:
  TenantMethodsTest() {
    Tier& free = tiers_["free"];
    free.terms.tier = "free";
    free.limits = {.pixels = 64 * 64, .steps = 10, .images = 1};
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
