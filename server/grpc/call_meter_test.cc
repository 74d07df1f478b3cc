#include "server/grpc/call_meter.h"

#include <grpcpp/generic/generic_stub.h>

#include <string>

#include "gmock/gmock.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a call does to the metrics is seen a little later than its answer.
class CallMeterTest : public GatewayTest {
 protected:
  bool Shows(const std::string& line) {
    return Eventually(
        [&] { return metrics_.Text().find("\n" + line + "\n") != std::string::npos; });
  }

  // Calls whatever method this is.
  grpc::Status CallByName(const std::string& method) {
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    const auto context = Context();
    const auto call = stub.PrepareUnaryCall(context.get(), method, grpc::ByteBuffer(), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
};

TEST_F(CallMeterTest, CallsAreCountedByMethodAndStatus) {
  Create("a red apple");
  Create("a green apple");
  darkroom::v1::Job job;
  EXPECT_FALSE(Get("jobs/00000000000000000000000000000000", job).ok());
  EXPECT_TRUE(
      Shows("grpc_server_call_duration_seconds_count{"
            "grpc_method=\"darkroom.v1.GenerationService/CreateJob\",grpc_status=\"OK\"} 2"));
  EXPECT_TRUE(
      Shows("grpc_server_call_duration_seconds_count{"
            "grpc_method=\"darkroom.v1.GenerationService/GetJob\",grpc_status=\"NOT_FOUND\"} 1"));
  EXPECT_TRUE(
      Shows("grpc_server_call_started_total{"
            "grpc_method=\"darkroom.v1.GenerationService/CreateJob\"} 2"));
}

TEST_F(CallMeterTest, RefusalsAreCountedByTheirReason) {
  for (int i = 0; i < 3; ++i) Create("a red apple", kAliceKey);
  darkroom::v1::CreateJobRequest request;
  request.mutable_parameters()->set_prompt("a red apple");
  darkroom::v1::Job job;
  EXPECT_FALSE(Create(request, job, kAliceKey).ok());
  EXPECT_FALSE(Create(request, job, "nobody's key").ok());
  request.mutable_parameters()->set_steps(-1);
  EXPECT_FALSE(Create(request, job, kAliceKey).ok());
  EXPECT_TRUE(Shows("darkroom_gateway_refusals_total{reason=\"QUEUE_FULL\"} 1"));
  EXPECT_TRUE(Shows("darkroom_gateway_refusals_total{reason=\"UNAUTHENTICATED\"} 1"));
  EXPECT_TRUE(Shows("darkroom_gateway_refusals_total{reason=\"INVALID_REQUEST\"} 1"));
}

TEST_F(CallMeterTest, AStreamIsOpenUntilItEnds) {
  const auto context = Context();
  darkroom::v1::GenerateImageRequest request;
  request.mutable_parameters()->set_prompt("a red apple");
  const auto stream = generation_->GenerateImage(context.get(), request);
  darkroom::v1::JobEvent event;
  ASSERT_TRUE(stream->Read(&event));
  const std::string open =
      "darkroom_gateway_open_streams{grpc_method=\"darkroom.v1.GenerationService/GenerateImage\"} ";
  EXPECT_TRUE(Shows(open + "1"));
  context->TryCancel();
  while (stream->Read(&event)) {
  }
  stream->Finish();
  EXPECT_TRUE(Shows(open + "0"));
  EXPECT_TRUE(
      Shows("grpc_server_call_duration_seconds_count{grpc_method=\"darkroom.v1."
            "GenerationService/GenerateImage\",grpc_status=\"CANCELLED\"} 1"));
}

TEST_F(CallMeterTest, NamesOfMethodsThatAreNotThereMakeNoSeries) {
  for (const char* method :
       {"/darkroom.v1.GenerationService/Invented", "/invented.Service/CreateJob"}) {
    EXPECT_EQ(CallByName(method).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  }
  Create("a red apple");
  EXPECT_TRUE(
      Shows("grpc_server_call_started_total{"
            "grpc_method=\"darkroom.v1.GenerationService/CreateJob\"} 1"));
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("nvented")));
}

TEST(MethodsOfTest, ServicesThatAreNotLinkedHaveNone) {
  EXPECT_TRUE(MethodsOf({"darkroom.v1.NoService"}).empty());
  EXPECT_EQ(MethodsOf({"darkroom.v1.ModelService"}).count("darkroom.v1.ModelService/ListModels"),
            1u);
}

}  // namespace
}  // namespace darkroom::server
