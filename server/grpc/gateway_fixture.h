#ifndef DARKROOM_SERVER_GRPC_GATEWAY_FIXTURE_H_
#define DARKROOM_SERVER_GRPC_GATEWAY_FIXTURE_H_

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/metrics/registry.h"
#include "common/sha256.h"
#include "common/trace/testing/span_list.h"
#include "common/trace/tracer.h"
#include "darkroom/v1/admin_service.grpc.pb.h"
#include "darkroom/v1/fleet_service.grpc.pb.h"
#include "darkroom/v1/generation_service.grpc.pb.h"
#include "darkroom/v1/model_service.grpc.pb.h"
#include "darkroom/v1/prompt_service.grpc.pb.h"
#include "server/auth/bearer_authenticator.h"
#include "server/auth/static_keys.h"
#include "server/auth/stored_keys.h"
#include "server/core/asio_loop.h"
#include "server/grpc/gateway.h"
#include "server/testing/event_order.h"
#include "server/testing/eventually.h"
#include "server/testing/flaky_store.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {

// A gateway on a loopback port over the in-memory scheduler, and a real channel to it.
class GatewayTest : public testing::Test {
 protected:
  static constexpr char kAliceKey[] = "alice-key";
  static constexpr char kBobKey[] = "bob-key";
  static constexpr char kCarolKey[] = "carol-key";
  static constexpr char kAdminKey[] = "admin-key";

  void SetUp() override { StartGateway(3); }

  void StartGateway(int max_queued) {
    const std::string keys = absl::StrCat("alice ", Sha256Hex(kAliceKey), "\nbob ",
                                          Sha256Hex(kBobKey), " free\ncarol ", Sha256Hex(kCarolKey),
                                          " slow\nops ", Sha256Hex(kAdminKey), " standard admin\n");
    const Pepper pepper("pepper of the tests");
    stored_keys_ = std::make_shared<StoredKeys>(loop_, store_, pepper);
    stored_keys_->Start();
    authenticator_ = std::make_unique<BearerAuthenticator>(
        std::vector<std::shared_ptr<const KeySource>>{*StaticKeys::Parse(keys), stored_keys_},
        Anonymous{pepper, TrustedProxies::Parse({"127.0.0.1"}).value()});
    worker_.Announce();
    Gateway::Options options;
    options.listen = "127.0.0.1:0";
    options.requests = {[] { return 42u; }, styles_};
    options.generation = {max_queued, tiers_, trace::Tracer(&spans_, sample_ratio_)};
    options.keys = stored_keys_;
    options.slowest_reader = slowest_reader_;
    options.metrics = &metrics_;
    gateway_ = *Gateway::Start(loop_, store_.ports(), *authenticator_, options);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", gateway_->port()),
                                         grpc::InsecureChannelCredentials(), channel_arguments_);
    generation_ = darkroom::v1::GenerationService::NewStub(channel_);
    models_ = darkroom::v1::ModelService::NewStub(channel_);
    prompts_ = darkroom::v1::PromptService::NewStub(channel_);
    admin_ = darkroom::v1::AdminService::NewStub(channel_);
    fleet_ = darkroom::v1::FleetService::NewStub(channel_);
  }

  // The context of a call of this tenant, "" for one without a key.
  static std::unique_ptr<grpc::ClientContext> Context(const std::string& key = "",
                                                      absl::Duration timeout = kLiveness) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    if (!key.empty()) context->AddMetadata("authorization", "Bearer " + key);
    return context;
  }

  grpc::Status Create(const darkroom::v1::CreateJobRequest& request, darkroom::v1::Job& job,
                      const std::string& key = "") {
    return generation_->CreateJob(Context(key).get(), request, &job);
  }
  // A job that must be accepted.
  darkroom::v1::Job Create(const std::string& prompt = "a red apple", const std::string& key = "") {
    darkroom::v1::CreateJobRequest request;
    request.mutable_parameters()->set_prompt(prompt);
    darkroom::v1::Job job;
    const grpc::Status status = Create(request, job, key);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return job;
  }
  grpc::Status Get(const std::string& name, darkroom::v1::Job& job, const std::string& key = "") {
    darkroom::v1::GetJobRequest request;
    request.set_name(name);
    return generation_->GetJob(Context(key).get(), request, &job);
  }
  darkroom::v1::JobState StateOf(const std::string& name) {
    darkroom::v1::Job job;
    return Get(name, job).ok() ? job.state() : darkroom::v1::JOB_STATE_UNSPECIFIED;
  }

  absl::Duration slowest_reader_ = kLiveness;
  std::vector<prompt::Style> styles_;
  Tiers tiers_ = StandardTierAlone();
  grpc::ChannelArguments channel_arguments_;
  scheduler::InMemoryScheduler scheduler_{&Clock::System()};
  FlakyStore store_{scheduler_};
  PuppetWorker worker_{scheduler_};
  std::unique_ptr<Authenticator> authenticator_;
  metrics::Registry metrics_;
  double sample_ratio_ = 0;
  trace::SpanList spans_;
  AsioLoop loop_;
  std::shared_ptr<StoredKeys> stored_keys_;
  std::unique_ptr<Gateway> gateway_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<darkroom::v1::GenerationService::Stub> generation_;
  std::unique_ptr<darkroom::v1::ModelService::Stub> models_;
  std::unique_ptr<darkroom::v1::PromptService::Stub> prompts_;
  std::unique_ptr<darkroom::v1::AdminService::Stub> admin_;
  std::unique_ptr<darkroom::v1::FleetService::Stub> fleet_;
};

inline void ExpectGapFree(const std::vector<darkroom::v1::JobEvent>& events, std::int64_t after) {
  std::int64_t previous = after;
  for (const auto& event : events) {
    EXPECT_TRUE(Follows(previous, event)) << event.sequence() << " after " << previous;
    previous = event.sequence();
  }
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_GATEWAY_FIXTURE_H_
