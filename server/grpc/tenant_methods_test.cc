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

}  // namespace
}  // namespace darkroom::server
