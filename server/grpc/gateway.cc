#include "server/grpc/gateway.h"

#include <google/protobuf/message.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/deadline.h"
#include "common/log.h"
#include "common/mutex.h"
#include "grpc/health/v1/health.pb.h"
#include "server/core/audit_trail.h"
#include "server/core/dead_letter_core.h"
#include "server/core/fleet_core.h"
#include "server/core/image_reader.h"
#include "server/core/key_core.h"
#include "server/core/model_core.h"
#include "server/core/open_streams.h"
#include "server/core/prompt_core.h"
#include "server/core/request_gate.h"
#include "server/core/tokenizer_cache.h"
#include "server/grpc/admin_service.h"
#include "server/grpc/call_meter.h"
#include "server/grpc/fleet_service.h"
#include "server/grpc/generation_service.h"
#include "server/grpc/health_monitor.h"
#include "server/grpc/model_service.h"
#include "server/grpc/prompt_service.h"

namespace darkroom::server {
namespace {

constexpr int kMaxReceiveBytes = 16 << 20;
constexpr std::size_t kMaxServerBytes = std::size_t{512} << 20;
constexpr int kMaxStreamsPerConnection = 1000;
constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr absl::Duration kLastWrites = absl::Seconds(1);

// Defaults of gRPC notice a dead peer after two hours and forbid clients to look more often than
// every five minutes (doc/keepalive.md).
void SetTransportOptions(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  builder.SetResourceQuota(grpc::ResourceQuota("gateway").Resize(kMaxServerBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * 60'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30 * 60'000);
  // Two gateways on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

void CountCalls(metrics::Registry& registry, grpc::ServerBuilder& builder) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
  creators.push_back(std::make_unique<CallMeter>(
      registry, MethodsOf({darkroom::v1::GenerationService::service_full_name(),
                           darkroom::v1::ModelService::service_full_name(),
                           darkroom::v1::PromptService::service_full_name(),
                           darkroom::v1::AdminService::service_full_name(),
                           darkroom::v1::FleetService::service_full_name(), "grpc.health.v1.Health",
                           "grpc.reflection.v1alpha.ServerReflection"})));
  builder.experimental().SetInterceptorCreators(std::move(creators));
}

// Runs the task on the loop and waits for it.
void RunOn(Loop& loop, absl::AnyInvocable<void()> task) {
  Notification ran;
  loop.Post([&task, &ran] {
    task();
    ran.Notify();
  });
  ran.WaitForNotification();
}

}  // namespace

// In the order of construction: what comes later uses what comes earlier.
struct Gateway::Parts {
  Parts(Loop& loop, const Ports& ports, const Authenticator& authenticator, Options options)
      : loop(loop),
        catalogue(std::make_shared<ModelCatalogue>(loop, ports.models, options.default_model)),
        images(std::make_shared<ImageReader>(loop, ports.results)),
        workers(std::make_shared<FleetWatch>(loop, ports.fleet, catalogue)),
        promises(std::make_shared<WaitPromises>(loop, ports.promises, catalogue, workers)),
        requests(std::make_shared<RequestCheck>(catalogue, MakeAdapterCache(loop, ports.models),
                                                std::move(options.requests))),
        gate(loop, ports.requests, options.generation.tiers),
        core(std::make_shared<GenerationCore>(
            CoreContext{loop, ports, catalogue, images, promises, options.slowest_reader}, gate,
            requests, options.generation)),
        models(catalogue, requests->adapters()),
        prompts(std::make_shared<PromptCore>(requests, MakeTokenizerCache(loop, ports.models))),
        audit(std::make_shared<AuditTrail>(loop, ports.audit)),
        keys(std::make_shared<KeyCore>(loop, ports.keys, std::move(options.keys),
                                       std::move(options.generation.tiers), audit)),
        dead_letters(
            std::make_shared<DeadLetterCore>(loop, ports.dead_letters, ports.queue, audit)),
        fleet(std::make_shared<FleetCore>(loop, ports.fleet, ports.queue, ports.promises, audit)),
        generation_service({loop, authenticator, darkroom::v1::KEY_SCOPE_GENERATE}, core, streams),
        model_service({loop, authenticator}, models),
        prompt_service({loop, authenticator, darkroom::v1::KEY_SCOPE_GENERATE}, gate, *prompts),
        admin_service({loop, authenticator, darkroom::v1::KEY_SCOPE_ADMIN}, *keys, *dead_letters,
                      *audit),
        fleet_service({loop, authenticator, darkroom::v1::KEY_SCOPE_ADMIN}, *fleet) {}

  int OpenStreamCount() {
    int count = 0;
    RunOn(loop, [this, &count] { count = streams.count(); });
    return count;
  }

  void WaitForStreams(const Deadline& deadline) {
    while (OpenStreamCount() > 0 && !deadline.passed()) absl::SleepFor(kPoll);
  }

  Loop& loop;
  const std::shared_ptr<ModelCatalogue> catalogue;
  const std::shared_ptr<ImageReader> images;
  const std::shared_ptr<FleetWatch> workers;
  const std::shared_ptr<WaitPromises> promises;
  const std::shared_ptr<RequestCheck> requests;
  RequestGate gate;
  const std::shared_ptr<GenerationCore> core;
  ModelCore models;
  const std::shared_ptr<PromptCore> prompts;
  const std::shared_ptr<AuditTrail> audit;
  const std::shared_ptr<KeyCore> keys;
  const std::shared_ptr<DeadLetterCore> dead_letters;
  const std::shared_ptr<FleetCore> fleet;
  OpenStreams streams;
  GenerationService generation_service;
  ModelService model_service;
  PromptService prompt_service;
  AdminService admin_service;
  FleetService fleet_service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
  std::shared_ptr<HealthMonitor> health;
};

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Loop& loop, const Ports& ports,
                                                        const Authenticator& authenticator,
                                                        Options options) {
  const std::string listen = options.listen;
  metrics::Registry* const registry = options.metrics;
  auto parts = std::make_unique<Parts>(loop, ports, authenticator, std::move(options));
  grpc::EnableDefaultHealthCheckService(true);
  // So that reflection describes it: the library only names it.
  google::protobuf::LinkMessageReflection<grpc::health::v1::HealthCheckRequest>();
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetTransportOptions(builder);
  if (registry != nullptr) CountCalls(*registry, builder);
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &parts->port);
  builder.RegisterService(&parts->generation_service);
  builder.RegisterService(&parts->model_service);
  builder.RegisterService(&parts->prompt_service);
  builder.RegisterService(&parts->admin_service);
  builder.RegisterService(&parts->fleet_service);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
  }
  parts->health = std::make_shared<HealthMonitor>(loop, *parts->catalogue,
                                                  *parts->server->GetHealthCheckService());
  RunOn(loop, [&parts] {
    parts->catalogue->Start();
    parts->workers->Start();
    parts->promises->Start();
    parts->health->Start();
  });
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

Gateway::~Gateway() {
  RunOn(parts_->loop, [this] { parts_->health->Stop(); });
  parts_->server->Shutdown(std::chrono::system_clock::now());
  // Tasks that calls have left behind refer to the parts.
  RunOn(parts_->loop, [] {});
}

int Gateway::port() const { return parts_->port; }

absl::Status Gateway::health() const {
  if (parts_->health->serving()) return absl::OkStatus();
  return absl::UnavailableError(
      "the gateway does not serve: it drains, or the job store cannot be reached");
}

void Gateway::Drain(absl::Duration grace) {
  const Deadline half = Deadline::In(grace / 2);
  const Deadline end = Deadline::In(grace);
  RunOn(parts_->loop, [this] {
    parts_->health->Stop();
    parts_->core->RefuseNewJobs();
  });
  parts_->WaitForStreams(half);
  RunOn(parts_->loop, [this] { parts_->streams.DrainAll(); });
  parts_->WaitForStreams(end);
  parts_->server->Shutdown(absl::ToChronoTime(end.when() + kLastWrites));
}

}  // namespace darkroom::server
