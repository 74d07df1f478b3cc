#include <gmock/gmock.h>

#include <thread>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::GenerateImageRequest;
using darkroom::v1::JobEvent;
using darkroom::v1::WatchJobRequest;

using Reader = grpc::ClientReader<JobEvent>;

std::vector<JobEvent> ReadAll(Reader& reader) {
  std::vector<JobEvent> events;
  JobEvent event;
  while (reader.Read(&event)) events.push_back(event);
  return events;
}

class StreamsTest : public GatewayTest {
 protected:
  static GenerateImageRequest AppleRequest() {
    GenerateImageRequest request;
    request.mutable_parameters()->set_prompt("a red apple");
    return request;
  }

  std::vector<JobEvent> Watch(const std::string& name, std::int64_t after,
                              grpc::Status* status = nullptr) {
    WatchJobRequest request;
    request.set_name(name);
    request.set_after_sequence(after);
    const auto context = Context();
    const auto reader = generation_->WatchJob(context.get(), request);
    std::vector<JobEvent> events = ReadAll(*reader);
    const grpc::Status end = reader->Finish();
    if (status != nullptr) *status = end;
    return events;
  }
};

TEST_F(StreamsTest, GenerateImageStreamsTheWholeStory) {
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), AppleRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.has_accepted());
  EXPECT_EQ(event.accepted().job().parameters().seed(), 42);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.has_queued());
  EXPECT_EQ(event.sequence(), 2);
  ASSERT_TRUE(worker_.Lease());
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.has_started());
  worker_.Progress(5);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.progress().step(), 5);
  worker_.Preview(5, "jpeg");
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.preview().data(), "jpeg");
  worker_.Image(0, "picture");
  worker_.Succeed();
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.image_chunk().data(), "picture");
  EXPECT_EQ(event.image_chunk().image().seed(), 42);
  EXPECT_EQ(event.image_chunk().image().sha256(), Sha256Hex("picture"));
  EXPECT_TRUE(event.image_chunk().last());
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.finished().job().state(), darkroom::v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(event.finished().job().images_size(), 1);
  EXPECT_EQ(event.sequence(), 7);
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(StreamsTest, BadRequestIsToldWithoutAnyEvent) {
  GenerateImageRequest request = AppleRequest();
  request.mutable_parameters()->set_image_count(0);
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), request);
  EXPECT_TRUE(ReadAll(*reader).empty());
  EXPECT_EQ(BadFieldsOf(reader->Finish()), std::vector<std::string>{"parameters.image_count"});
}

TEST_F(StreamsTest, WatchResumesAfterASequence) {
  const std::string name = Create().name();
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, std::string(3'000'000, 'x'));
  worker_.Succeed();
  grpc::Status status;
  const std::vector<JobEvent> all = Watch(name, 0, &status);
  EXPECT_TRUE(status.ok());
  ExpectGapFree(all, 0);
  EXPECT_EQ(all.size(), 7u) << "accepted, queued, started, three chunks, finished";
  EXPECT_EQ(all.back().sequence(), 5);
  std::string bytes;
  for (const JobEvent& event : all) bytes += event.image_chunk().data();
  EXPECT_EQ(bytes, std::string(3'000'000, 'x'));
  const std::vector<JobEvent> rest = Watch(name, 4, &status);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_TRUE(rest[0].has_finished());
  EXPECT_TRUE(Watch(name, 5, &status).empty());
  EXPECT_TRUE(status.ok()) << "nothing is left to tell";
  Watch(name, 6, &status);
  EXPECT_EQ(BadFieldsOf(status), std::vector<std::string>{"after_sequence"});
}

TEST_F(StreamsTest, ForeignJobCannotBeWatched) {
  const std::string name = Create("mine", kAliceKey).name();
  grpc::Status status;
  EXPECT_TRUE(Watch(name, 0, &status).empty());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "JOB_NOT_FOUND");
}

TEST_F(StreamsTest, TwoHundredWatchersOfOneJobSeeItAll) {
  const std::string name = Create().name();
  constexpr int kWatchers = 200;
  struct Watcher {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<Reader> reader;
  };
  WatchJobRequest request;
  request.set_name(name);
  std::vector<Watcher> watchers(kWatchers);
  for (Watcher& watcher : watchers) {
    watcher.context = Context();
    watcher.reader = generation_->WatchJob(watcher.context.get(), request);
    JobEvent first;
    ASSERT_TRUE(watcher.reader->Read(&first));
    EXPECT_TRUE(first.has_accepted());
  }
  ASSERT_TRUE(worker_.Lease());
  for (int step = 1; step <= 20; ++step) worker_.Progress(step);
  worker_.Image(0, std::string(300'000, 'p'));
  worker_.Succeed();
  for (Watcher& watcher : watchers) {
    const std::vector<JobEvent> events = ReadAll(*watcher.reader);
    EXPECT_TRUE(watcher.reader->Finish().ok());
    ExpectGapFree(events, 1);
    ASSERT_FALSE(events.empty());
    EXPECT_TRUE(events.back().has_finished());
    EXPECT_EQ(std::count_if(events.begin(), events.end(),
                            [](const JobEvent& event) { return event.has_image_chunk(); }),
              1);
  }
}

TEST_F(StreamsTest, DeadlineOfTheCallIsTheDeadlineOfTheJob) {
  const auto context = Context("", absl::Milliseconds(1500));
  const auto reader = generation_->GenerateImage(context.get(), AppleRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  const std::string name = event.job();
  ReadAll(*reader);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] {
    scheduler_.Reap(10, [](auto) {});
    return StateOf(name) == darkroom::v1::JOB_STATE_EXPIRED;
  }));
}

TEST_F(StreamsTest, LostReaderCancelsTheJobWhenAsked) {
  GenerateImageRequest request = AppleRequest();
  request.set_cancel_on_disconnect(true);
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), request);
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  const std::string name = event.job();
  context->TryCancel();
  ReadAll(*reader);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] { return StateOf(name) == darkroom::v1::JOB_STATE_CANCELLED; }));
}

TEST_F(StreamsTest, LostReaderLeavesTheJobAloneOtherwise) {
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), AppleRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  const std::string name = event.job();
  context->TryCancel();
  ReadAll(*reader);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "picture");
  worker_.Succeed();
  const std::vector<JobEvent> events = Watch(name, event.sequence());
  ExpectGapFree(events, event.sequence());
  EXPECT_TRUE(events.back().has_finished());
}

TEST_F(StreamsTest, StreamGoesOnWhenTheStoreIsBack) {
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), AppleRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_TRUE(reader->Read(&event));
  store_.Become(FlakyStore::Mode::kRefuses);
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "picture");
  worker_.Succeed();
  std::thread repair([this] {
    absl::SleepFor(absl::Milliseconds(700));
    store_.Become(FlakyStore::Mode::kUp);
  });
  const std::vector<JobEvent> events = ReadAll(*reader);
  repair.join();
  EXPECT_TRUE(reader->Finish().ok());
  ExpectGapFree(events, 2);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_TRUE(events[0].has_started());
  EXPECT_EQ(events[1].image_chunk().data(), "picture");
  EXPECT_TRUE(events[2].has_finished());
}

class SlowReaderTest : public StreamsTest {
 protected:
  // The client's window stays at its least: gRPC would widen it on a fast connection until a whole
  // picture fits, and nobody were slow.
  SlowReaderTest() {
    slowest_reader_ = absl::Milliseconds(500);
    channel_arguments_.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    channel_arguments_.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
  }
};

TEST_F(SlowReaderTest, ReaderThatTakesNothingIsCutAndMayResume) {
  const std::string name = Create().name();
  ASSERT_TRUE(worker_.Lease());
  const std::string picture(8'000'000, 'x');  // far beyond the client's window
  worker_.Image(0, picture);
  worker_.Succeed();
  WatchJobRequest request;
  request.set_name(name);
  const auto context = Context();
  const auto reader = generation_->WatchJob(context.get(), request);
  JobEvent first;
  ASSERT_TRUE(reader->Read(&first));
  // Takes no more until the gateway has given up, which ends its subscription.
  EXPECT_TRUE(Eventually([&] { return store_.subscriptions() == 0; }));
  ReadAll(*reader);
  EXPECT_FALSE(reader->Finish().ok());
  const std::vector<JobEvent> rest = Watch(name, first.sequence());
  std::string bytes;
  for (const JobEvent& event : rest) bytes += event.image_chunk().data();
  EXPECT_EQ(bytes, picture);
}

TEST_F(StreamsTest, CallsThatComeAndGoLeaveNothingBehind) {
  const std::string name = Create().name();
  WatchJobRequest request;
  request.set_name(name);
  for (int i = 0; i < 100; ++i) {
    const auto context = Context();
    const auto reader = generation_->WatchJob(context.get(), request);
    if (i % 2 == 0) {
      JobEvent event;
      EXPECT_TRUE(reader->Read(&event));
    }
    context->TryCancel();
    ReadAll(*reader);
    EXPECT_FALSE(reader->Finish().ok());
  }
  EXPECT_TRUE(Eventually([&] { return store_.subscriptions() == 0; }));
}

}  // namespace
}  // namespace darkroom::server
