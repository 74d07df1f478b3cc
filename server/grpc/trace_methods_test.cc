// How traces go through the gateway.

#include <memory>
#include <string>
#include <vector>

#include "common/trace/trace_context.h"
#include "gmock/gmock.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Pair;
using ::testing::SizeIs;
using trace::AttributesOf;
using trace::ParseTraceparent;
using trace::Span;
using trace::TraceContext;

constexpr char kSampled[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kUnsampled[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

class TraceMethodsTest : public GatewayTest {
 protected:
  struct Created {
    grpc::Status status;
    darkroom::v1::Job job;
    std::string traceparent;  // as the answer has it
  };

  Created CreateIn(const std::vector<std::string>& traceparents,
                   const darkroom::v1::CreateJobRequest& request) {
    const auto context = Context(kAliceKey);
    for (const std::string& traceparent : traceparents) {
      context->AddMetadata("traceparent", traceparent);
    }
    Created created;
    created.status = generation_->CreateJob(context.get(), request, &created.job);
    created.traceparent = TraceparentOf(*context);
    return created;
  }
  static std::string TraceparentOf(const grpc::ClientContext& context) {
    const auto& metadata = context.GetServerInitialMetadata();
    const auto found = metadata.find("traceparent");
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  }
  static darkroom::v1::CreateJobRequest Apple() {
    darkroom::v1::CreateJobRequest request;
    request.mutable_parameters()->set_prompt("a red apple");
    return request;
  }
  // What the worker gets with the job.
  std::string StoredTraceparent(const darkroom::v1::Job& job) {
    std::string stored;
    scheduler_.Get("alice", job.name().substr(5), [&stored](const auto& snapshot) {
      if (snapshot.ok()) stored = snapshot->traceparent;
    });
    return stored;
  }
};

TEST_F(TraceMethodsTest, AdmissionIsASpanUnderTheCallersWhichTheJobGoesOnWith) {
  const Created created = CreateIn({kSampled}, Apple());
  ASSERT_TRUE(created.status.ok()) << created.status.error_message();
  const std::vector<Span> spans = spans_.spans();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0].name, "admit");
  EXPECT_EQ(spans[0].parent, ParseTraceparent(kSampled).span_id);
  EXPECT_EQ(spans[0].context.trace_id, ParseTraceparent(kSampled).trace_id);
  EXPECT_LE(spans[0].start, spans[0].end);
  EXPECT_EQ(spans[0].error, "");
  const std::string id = created.job.name().substr(5);
  EXPECT_THAT(AttributesOf(spans[0]),
              IsSupersetOf({Pair("darkroom.job", id.c_str()), Pair("darkroom.tenant", "alice"),
                            Pair("darkroom.tier", "standard"), Pair("darkroom.model", "demo")}));
  EXPECT_EQ(ParseTraceparent(created.traceparent), spans[0].context);
  EXPECT_EQ(StoredTraceparent(created.job), created.traceparent);
}

TEST_F(TraceMethodsTest, WhatACallerDoesNotRecordIsPassedOnAndNotRecorded) {
  const Created created = CreateIn({kUnsampled}, Apple());
  EXPECT_EQ(created.traceparent, kUnsampled);
  EXPECT_EQ(StoredTraceparent(created.job), kUnsampled);
  EXPECT_THAT(spans_.spans(), IsEmpty());
}

TEST_F(TraceMethodsTest, WithoutATraceAndWithAHostileOneAnotherBegins) {
  const std::vector<std::string> hostile[] = {
      {}, {"x"}, {std::string(4000, '0')}, {std::string(kSampled) + "-"}, {kSampled, kSampled}};
  for (const std::vector<std::string>& traceparents : hostile) {
    const TraceContext context = ParseTraceparent(CreateIn(traceparents,
                                                           [] {
                                                             darkroom::v1::CreateJobRequest dry =
                                                                 Apple();
                                                             dry.set_validate_only(true);
                                                             return dry;
                                                           }())
                                                      .traceparent);
    EXPECT_TRUE(context.valid());
    EXPECT_NE(context.trace_id, ParseTraceparent(kSampled).trace_id);
    EXPECT_FALSE(context.sampled) << "the ratio is 0";
  }
  EXPECT_THAT(spans_.spans(), IsEmpty());
}

TEST_F(TraceMethodsTest, ARefusedRequestSaysItsReason) {
  darkroom::v1::CreateJobRequest request = Apple();
  request.mutable_parameters()->set_steps(-1);
  EXPECT_FALSE(CreateIn({kSampled}, request).status.ok());
  const std::vector<Span> spans = spans_.spans();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0].error, "INVALID_REQUEST");
}

TEST_F(TraceMethodsTest, ARequestThatJoinsAJobIsLinkedToTheJobsTrace) {
  darkroom::v1::CreateJobRequest request = Apple();
  request.set_request_id("once");
  const Created first = CreateIn({kSampled}, request);
  const Created second =
      CreateIn({"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, request);
  EXPECT_EQ(second.job.name(), first.job.name());
  EXPECT_EQ(StoredTraceparent(second.job), first.traceparent);
  const std::vector<Span> spans = spans_.spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_THAT(spans[0].links, IsEmpty());
  ASSERT_THAT(spans[1].links, SizeIs(1));
  EXPECT_EQ(spans[1].links[0], ParseTraceparent(first.traceparent));
}

TEST_F(TraceMethodsTest, AStreamTellsItsTraceBeforeItsFirstEvent) {
  const auto context = Context(kAliceKey);
  context->AddMetadata("traceparent", kSampled);
  darkroom::v1::GenerateImageRequest request;
  request.mutable_parameters()->set_prompt("a red apple");
  const auto stream = generation_->GenerateImage(context.get(), request);
  stream->WaitForInitialMetadata();
  EXPECT_EQ(ParseTraceparent(TraceparentOf(*context)).trace_id,
            ParseTraceparent(kSampled).trace_id);
  darkroom::v1::JobEvent event;
  ASSERT_TRUE(stream->Read(&event));
  ASSERT_THAT(spans_.spans(), SizeIs(1));
  EXPECT_THAT(AttributesOf(spans_.spans()[0]),
              Contains(Pair("darkroom.job", event.job().substr(5))));
  context->TryCancel();
  stream->Finish();
}

class SampledTraceMethodsTest : public TraceMethodsTest {
 protected:
  void SetUp() override {
    sample_ratio_ = 1;
    TraceMethodsTest::SetUp();
  }
};

TEST_F(SampledTraceMethodsTest, ATraceThatBeginsHereIsRecordedByTheRatio) {
  const Created created = CreateIn({}, Apple());
  const std::vector<Span> spans = spans_.spans();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0].parent, "");
  EXPECT_EQ(ParseTraceparent(created.traceparent), spans[0].context);
}

TEST_F(SampledTraceMethodsTest, ADryRunIsASpanWithoutAJob) {
  darkroom::v1::CreateJobRequest request = Apple();
  request.set_validate_only(true);
  ASSERT_TRUE(CreateIn({}, request).status.ok());
  ASSERT_THAT(spans_.spans(), SizeIs(1));
  EXPECT_THAT(AttributesOf(spans_.spans()[0]), Contains(Pair("darkroom.dry_run", "1")));
}

}  // namespace
}  // namespace darkroom::server
