#include <gmock/gmock.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <cmath>

#include "absl/strings/strip.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::CreateJobRequest;
using darkroom::v1::Job;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class UnaryMethodsTest : public GatewayTest {};

TEST_F(UnaryMethodsTest, CreatedJobReturnsEveryParameterResolved) {
  const Job job = Create("a red apple");
  EXPECT_THAT(job.name(), testing::MatchesRegex("jobs/[0-9a-f]{32}"));
  EXPECT_EQ(job.state(), darkroom::v1::JOB_STATE_QUEUED);
  EXPECT_EQ(job.parameters().prompt(), "a red apple");
  EXPECT_EQ(job.parameters().model(), "models/demo");
  EXPECT_EQ(job.parameters().seed(), 42);
  EXPECT_EQ(job.parameters().steps(), 20);
  EXPECT_EQ(job.parameters().sampler(), "DPM++ 2M");
  EXPECT_EQ(job.last_sequence(), 2);
  EXPECT_EQ(job.queue_position(), 0);
  Job got;
  ASSERT_TRUE(Get(job.name(), got).ok());
  EXPECT_EQ(got.parameters().SerializeAsString(), job.parameters().SerializeAsString());
}

TEST_F(UnaryMethodsTest, EveryBadFieldIsNamedAtOnce) {
  CreateJobRequest request;
  request.mutable_parameters()->set_sampler("dpm++2m");
  request.mutable_parameters()->set_width(130);
  request.mutable_parameters()->set_steps(0);
  request.mutable_parameters()->set_guidance_scale(std::nan(""));
  request.set_request_id("new\nline");
  Job job;
  const grpc::Status status = Create(request, job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(BadFieldsOf(status),
              ElementsAre("parameters.width", "parameters.steps", "parameters.sampler",
                          "parameters.guidance_scale", "request_id"));
  EXPECT_THAT(DetailOf<google::rpc::BadRequest>(status)->field_violations(2).description(),
              HasSubstr("did you mean \"DPM++ 2M\"?"));
}

absl::Duration Length(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

TEST_F(UnaryMethodsTest, ADryRunResolvesPricesAndPlacesTheJobAndMakesNone) {
  for (int i = 0; i < 2; ++i) Create();
  CreateJobRequest request;
  request.mutable_parameters()->set_prompt("a red apple");
  request.set_request_id("r");
  request.set_validate_only(true);
  Job foreseen;
  ASSERT_TRUE(Create(request, foreseen).ok());
  EXPECT_EQ(foreseen.name(), "");
  EXPECT_EQ(foreseen.state(), darkroom::v1::JOB_STATE_UNSPECIFIED);
  EXPECT_FALSE(foreseen.has_create_time());
  EXPECT_EQ(foreseen.queue_position(), 2);
  EXPECT_EQ(foreseen.predicted_device_time().nanos(), 200'000'000) << "20 steps of 10 ms";
  EXPECT_GE(Length(foreseen.estimated_wait()), absl::Milliseconds(400))
      << "more by the time in which nothing was done";
  darkroom::v1::ListJobsResponse list;
  ASSERT_TRUE(generation_->ListJobs(Context().get(), {}, &list).ok());
  EXPECT_EQ(list.jobs_size(), 2);
  request.set_validate_only(false);
  Job job, again;
  ASSERT_TRUE(Create(request, job).ok());
  EXPECT_EQ(job.parameters().SerializeAsString(), foreseen.parameters().SerializeAsString());
  EXPECT_EQ(job.queue_position(), foreseen.queue_position());
  EXPECT_GE(Length(job.estimated_wait()), Length(foreseen.estimated_wait()));
  request.set_validate_only(true);
  ASSERT_TRUE(Create(request, again).ok());
  EXPECT_EQ(again.name(), job.name()) << "which the request has already";
}

TEST_F(UnaryMethodsTest, ADryRunIsRefusedAsTheJobWouldBe) {
  CreateJobRequest request;
  request.set_validate_only(true);
  request.mutable_parameters()->set_steps(0);
  Job job;
  EXPECT_THAT(BadFieldsOf(Create(request, job)), ElementsAre("parameters.steps"));
  request.mutable_parameters()->set_steps(20);
  for (int i = 0; i < 3; ++i) Create();
  const grpc::Status full = Create(request, job);
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(full), "QUEUE_FULL");
}

TEST_F(UnaryMethodsTest, ADryRunKeepsNoPicture) {
  CreateJobRequest request;
  request.set_validate_only(true);
  request.mutable_parameters()->mutable_init_image()->set_content(
      std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0", 29));
  Job job;
  const grpc::Status status = Create(request, job);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(job.parameters().init_image().strength(), 0.75);
  const std::string id(absl::StripPrefix(job.parameters().init_image().name(), "inputs/"));
  scheduler_.GetInput(id, [](const absl::StatusOr<std::string>& kept) {
    EXPECT_TRUE(absl::IsNotFound(kept.status()));
  });
}

// Sends bytes that no well-behaved client would.
grpc::Status CallWithBytes(grpc::Channel& channel, const char* method, const std::string& bytes) {
  grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kLiveness));
  return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      &channel, grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::NORMAL_RPC), &context,
      request, &response);
}

TEST_F(UnaryMethodsTest, InvalidUtf8IsNamedWithTheOtherBadFields) {
  CreateJobRequest request;
  request.mutable_parameters()->set_prompt("caf\xe9");  // Latin-1
  request.mutable_parameters()->set_steps(0);
  const grpc::Status status = CallWithBytes(*channel_, "/darkroom.v1.GenerationService/CreateJob",
                                            request.SerializeAsString());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("parameters.prompt", "parameters.steps"));
}

TEST_F(UnaryMethodsTest, InvalidUtf8InANameIsABadField) {
  const grpc::Status status = CallWithBytes(*channel_, "/darkroom.v1.GenerationService/GetJob",
                                            std::string("\x0a\x01\xff", 3));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("name"));
}

TEST_F(UnaryMethodsTest, BytesThatAreNoMessageAreMalformed) {
  const grpc::Status status =
      CallWithBytes(*channel_, "/darkroom.v1.GenerationService/CreateJob", "\x0a\x7f");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "MALFORMED_REQUEST");
}

TEST_F(UnaryMethodsTest, JobsOfOthersAreNotFound) {
  const Job job = Create("mine", kAliceKey);
  Job got;
  EXPECT_TRUE(Get(job.name(), got, kAliceKey).ok());
  const grpc::Status foreign = Get(job.name(), got, kBobKey);
  EXPECT_EQ(foreign.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(foreign), "JOB_NOT_FOUND");
  darkroom::v1::CancelJobRequest cancel;
  cancel.set_name(job.name());
  EXPECT_EQ(generation_->CancelJob(Context(kBobKey).get(), cancel, &got).error_code(),
            grpc::StatusCode::NOT_FOUND);
  darkroom::v1::ListJobsResponse list;
  ASSERT_TRUE(generation_->ListJobs(Context(kBobKey).get(), {}, &list).ok());
  EXPECT_THAT(list.jobs(), IsEmpty());
}

TEST_F(UnaryMethodsTest, NamesThatAreNoJobNamesAreBadFields) {
  Job got;
  const std::string hex(32, '0');
  for (const std::string& name : {std::string(), hex, std::string("jobs/"), "models/" + hex,
                                  "jobs/" + hex + "/x", std::string("jobs/../../etc/passwd")}) {
    EXPECT_THAT(BadFieldsOf(Get(name, got)), ElementsAre("name")) << name;
  }
  EXPECT_EQ(Get("jobs/" + hex, got).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(UnaryMethodsTest, WrongKeysAreRefused) {
  Job got;
  const grpc::Status status = Get("jobs/" + std::string(32, '0'), got, "mallory-key");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "UNAUTHENTICATED");
  EXPECT_THAT(status.error_message(), Not(HasSubstr("mallory")));
}

TEST_F(UnaryMethodsTest, RepeatedRequestIdJoinsTheFirstJob) {
  CreateJobRequest request;
  request.set_request_id("r-1");
  request.mutable_parameters()->set_prompt("once");
  Job first, second, other;
  ASSERT_TRUE(Create(request, first, kAliceKey).ok());
  ASSERT_TRUE(Create(request, second, kAliceKey).ok());
  EXPECT_EQ(first.name(), second.name());
  request.mutable_parameters()->set_prompt("twice");
  const grpc::Status status = Create(request, other, kAliceKey);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
  ASSERT_TRUE(Create(request, other, kBobKey).ok()) << "ids of other tenants do not matter";
  EXPECT_NE(other.name(), first.name());
}

TEST_F(UnaryMethodsTest, FullQueueSaysWhenToComeBack) {
  for (int i = 0; i < 3; ++i) Create();
  CreateJobRequest request;
  Job job;
  const grpc::Status status = Create(request, job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "QUEUE_FULL");
  EXPECT_GE(DetailOf<google::rpc::RetryInfo>(status)->retry_delay().seconds(), 1);
  EXPECT_EQ(DetailOf<google::rpc::QuotaFailure>(status)->violations_size(), 1);
}

TEST_F(UnaryMethodsTest, ListIsPagedNewestFirst) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(Create("p", kAliceKey).name());
  darkroom::v1::ListJobsRequest request;
  request.set_page_size(2);
  darkroom::v1::ListJobsResponse page;
  ASSERT_TRUE(generation_->ListJobs(Context(kAliceKey).get(), request, &page).ok());
  ASSERT_EQ(page.jobs_size(), 2);
  EXPECT_EQ(page.jobs(0).name(), names[2]);
  EXPECT_EQ(page.jobs(1).name(), names[1]);
  request.set_page_token(page.next_page_token());
  ASSERT_TRUE(generation_->ListJobs(Context(kAliceKey).get(), request, &page).ok());
  ASSERT_EQ(page.jobs_size(), 1);
  EXPECT_EQ(page.jobs(0).name(), names[0]);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(UnaryMethodsTest, AJobOfALaterVersionIsAnotherGatewaysAndHidesNoOthers) {
  const std::string known = Create("p", kAliceKey).name();
  darkroom::internal::v1::JobSpec spec;
  spec.set_version(scheduler::kJobSpecVersion + 1);
  scheduler::Submission later;
  later.id = std::string(32, 'f');
  later.tenant = "alice";
  later.model = "demo";
  later.spec = spec.SerializeAsString();
  later.spec_version = spec.version();
  scheduler_.Submit(later, [](const auto& outcome) { ASSERT_TRUE(outcome.ok()); });
  Job got;
  const grpc::Status status = Get("jobs/" + later.id, got, kAliceKey);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NEWER_VERSION");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
  darkroom::v1::ListJobsResponse page;
  ASSERT_TRUE(generation_->ListJobs(Context(kAliceKey).get(), {}, &page).ok());
  ASSERT_EQ(page.jobs_size(), 1);
  EXPECT_EQ(page.jobs(0).name(), known);
}

TEST_F(UnaryMethodsTest, BadPagesAreBadFields) {
  darkroom::v1::ListJobsResponse page;
  darkroom::v1::ListJobsRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(BadFieldsOf(generation_->ListJobs(Context().get(), request, &page)),
              ElementsAre("page_size"));
  request.set_page_size(0);
  request.set_page_token("not a token");
  EXPECT_THAT(BadFieldsOf(generation_->ListJobs(Context().get(), request, &page)),
              ElementsAre("page_token"));
}

TEST_F(UnaryMethodsTest, CancelledQueuedJobEndsAtOnceAndStaysCancelled) {
  const Job job = Create();
  darkroom::v1::CancelJobRequest request;
  request.set_name(job.name());
  Job got;
  ASSERT_TRUE(generation_->CancelJob(Context().get(), request, &got).ok());
  EXPECT_EQ(got.state(), darkroom::v1::JOB_STATE_CANCELLED);
  EXPECT_TRUE(got.has_end_time());
  EXPECT_TRUE(got.has_expire_time());
  ASSERT_TRUE(generation_->CancelJob(Context().get(), request, &got).ok());
  EXPECT_EQ(got.state(), darkroom::v1::JOB_STATE_CANCELLED);
}

TEST_F(UnaryMethodsTest, FailedJobTellsWhy) {
  const Job job = Create();
  ASSERT_TRUE(worker_.Lease());
  worker_.Finish(scheduler::Failed{{"OUT_OF_MEMORY", "the picture did not fit"}, false});
  Job got;
  ASSERT_TRUE(Get(job.name(), got).ok());
  EXPECT_EQ(got.state(), darkroom::v1::JOB_STATE_FAILED);
  EXPECT_EQ(got.error().code(), static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(got.error().details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "OUT_OF_MEMORY");
}

TEST_F(UnaryMethodsTest, ModelsAreListedAndFound) {
  darkroom::v1::ListModelsResponse list;
  ASSERT_TRUE(models_->ListModels(Context().get(), {}, &list).ok());
  ASSERT_EQ(list.models_size(), 1);
  EXPECT_EQ(list.models(0).name(), "models/demo");
  EXPECT_EQ(list.models(0).workers(), 1);
  darkroom::v1::GetModelRequest request;
  request.set_name("models/demo");
  darkroom::v1::Model model;
  ASSERT_TRUE(models_->GetModel(Context().get(), request, &model).ok());
  EXPECT_EQ(model.default_width(), 128);
  request.set_name("models/dem0");
  const grpc::Status status = models_->GetModel(Context().get(), request, &model);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "MODEL_NOT_FOUND");
  EXPECT_THAT(status.error_message(), HasSubstr("\"demo\""));
}

TEST_F(UnaryMethodsTest, LostStoreIsUnavailableEverywhere) {
  const Job job = Create();
  for (const auto mode : {FlakyStore::Mode::kRefuses, FlakyStore::Mode::kSilent}) {
    store_.Become(mode);
    Job got;
    darkroom::v1::CancelJobRequest cancel;
    cancel.set_name(job.name());
    darkroom::v1::GetModelRequest get_model;
    get_model.set_name("models/demo");
    darkroom::v1::ListJobsResponse jobs;
    darkroom::v1::ListModelsResponse models;
    darkroom::v1::Model model;
    const std::vector<grpc::Status> answers = {
        Create({}, got),
        Get(job.name(), got),
        generation_->ListJobs(Context().get(), {}, &jobs),
        generation_->CancelJob(Context().get(), cancel, &got),
        models_->ListModels(Context().get(), {}, &models),
        models_->GetModel(Context().get(), get_model, &model),
    };
    for (const grpc::Status& status : answers) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
      EXPECT_EQ(ReasonOf(status), "STORE_UNAVAILABLE");
      EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
    }
  }
  store_.Become(FlakyStore::Mode::kUp);
  EXPECT_EQ(StateOf(job.name()), darkroom::v1::JOB_STATE_QUEUED);
}

}  // namespace
}  // namespace darkroom::server
