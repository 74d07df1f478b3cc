#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>

#include <thread>

#include "common/mutex.h"
#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::GenerateImageRequest;
using darkroom::v1::JobEvent;

class LifecycleTest : public GatewayTest {
 protected:
  // The answer of grpc.health.v1.Health/Check: 1 SERVING, 2 NOT_SERVING, -1 no answer. The message
  // is two bytes long, so no stub is needed.
  int Health(const std::string& service = "") {
    grpc::GenericStub stub(channel_);
    std::string bytes;
    if (!service.empty()) {
      bytes = absl::StrCat("\x0a", std::string(1, static_cast<char>(service.size())), service);
    }
    grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1), response;
    const auto context = Context();
    Notification done;
    grpc::Status status;
    stub.UnaryCall(context.get(), "/grpc.health.v1.Health/Check", {}, &request, &response,
                   [&](grpc::Status answered) {
                     status = answered;
                     done.Notify();
                   });
    done.WaitForNotification();
    if (!status.ok()) return -1;
    std::vector<grpc::Slice> slices;
    response.Dump(&slices);
    std::string answer;
    for (const auto& part : slices) answer.append(part.begin(), part.end());
    return answer.size() == 2 ? answer[1] : 0;
  }
};

TEST_F(LifecycleTest, HealthFollowsTheStore) {
  EXPECT_TRUE(Eventually([&] { return Health() == 1; }));
  EXPECT_EQ(Health("darkroom.v1.GenerationService"), 1);
  EXPECT_EQ(Health("darkroom.v1.ModelService"), 1);
  EXPECT_EQ(Health("darkroom.v1.PromptService"), 1);
  EXPECT_EQ(Health("darkroom.v1.AdminService"), 1);
  EXPECT_EQ(Health("darkroom.v1.NoService"), -1);
  store_.Become(FlakyStore::Mode::kRefuses);
  EXPECT_TRUE(Eventually([&] { return Health() == 2; }));
  EXPECT_EQ(gateway_->health().code(), absl::StatusCode::kUnavailable);
  store_.Become(FlakyStore::Mode::kUp);
  EXPECT_TRUE(Eventually([&] { return Health() == 1; }));
  EXPECT_TRUE(gateway_->health().ok());
}

// Reflection serves what is in this pool.
TEST_F(LifecycleTest, HealthIsDescribedForGenericClients) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  EXPECT_NE(pool->FindServiceByName("grpc.health.v1.Health"), nullptr);
}

TEST_F(LifecycleTest, DrainSendsReadersElsewhereWithAResumeToken) {
  GenerateImageRequest request;
  request.set_cancel_on_disconnect(true);
  const auto context = Context(kAliceKey);
  const auto reader = generation_->GenerateImage(context.get(), request);
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_EQ(event.sequence(), 2);
  std::thread drain([this] { gateway_->Drain(absl::Seconds(2)); });
  while (reader->Read(&event)) {
  }
  const grpc::Status status = reader->Finish();
  drain.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
  const auto metadata = DetailOf<google::rpc::ErrorInfo>(status)->metadata();
  EXPECT_EQ(metadata.at("job"), event.job());
  EXPECT_EQ(metadata.at("last_sequence"), "2");
  std::optional<scheduler::JobState> state;
  scheduler_.Get("alice", event.job().substr(5), [&](auto job) { state = job->state; });
  EXPECT_EQ(state, scheduler::JobState::kQueued) << "a drain is no disconnect";
}

TEST_F(LifecycleTest, DrainLetsStreamsFinishFirstAndRefusesNewJobs) {
  const auto context = Context();
  const auto reader = generation_->GenerateImage(context.get(), GenerateImageRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_TRUE(worker_.Lease());
  std::thread drain([this] { gateway_->Drain(2 * kLiveness); });
  darkroom::v1::Job job;
  EXPECT_TRUE(Eventually(
      [&] { return ReasonOf(Create(darkroom::v1::CreateJobRequest(), job)) == "DRAINING"; }));
  EXPECT_EQ(Health(), 2);
  worker_.Image(0, "picture");
  worker_.Succeed();
  while (reader->Read(&event)) {
  }
  EXPECT_TRUE(event.has_finished());
  EXPECT_TRUE(reader->Finish().ok());
  drain.join();
}

TEST_F(LifecycleTest, GatewayThatIsDestroyedBreaksStreamsOffAndLeavesTheirJobs) {
  const auto context = Context(kAliceKey);
  const auto reader = generation_->GenerateImage(context.get(), GenerateImageRequest());
  JobEvent event;
  ASSERT_TRUE(reader->Read(&event));
  gateway_.reset();
  while (reader->Read(&event)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
  std::optional<scheduler::JobState> state;
  scheduler_.Get("alice", event.job().substr(5), [&](auto job) { state = job->state; });
  EXPECT_EQ(state, scheduler::JobState::kQueued);
}

TEST_F(LifecycleTest, TakenAddressIsRefused) {
  Gateway::Options options;
  options.listen = absl::StrCat("127.0.0.1:", gateway_->port());
  EXPECT_TRUE(absl::IsUnavailable(
      Gateway::Start(loop_, store_.ports(), *authenticator_, options).status()));
}

}  // namespace
}  // namespace darkroom::server
