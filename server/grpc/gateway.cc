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
#include "grpc/health/v1/health.pb.h"
#include "server/core/run_on.h"
#include "server/grpc/account_service.h"
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
                           darkroom::v1::AccountService::service_full_name(),
                           darkroom::v1::ModelService::service_full_name(),
                           darkroom::v1::PromptService::service_full_name(),
                           darkroom::v1::AdminService::service_full_name(),
                           darkroom::v1::FleetService::service_full_name(), "grpc.health.v1.Health",
                           "grpc.reflection.v1alpha.ServerReflection"})));
  builder.experimental().SetInterceptorCreators(std::move(creators));
}

}  // namespace

// In the order of construction: what comes later uses what comes earlier.
struct Gateway::Parts {
  Parts(Loop& loop, const Ports& ports, const Authenticator& authenticator,
        Services::Options options)
      : loop(loop),
        services(loop, ports, std::move(options)),
        generation_service({loop, authenticator, darkroom::v1::KEY_SCOPE_GENERATE}, services.core,
                           services.streams),
        account_service({loop, authenticator}, services.account),
        model_service({loop, authenticator}, services.models),
        prompt_service({loop, authenticator, darkroom::v1::KEY_SCOPE_GENERATE}, services.gate,
                       *services.prompts),
        admin_service({loop, authenticator, darkroom::v1::KEY_SCOPE_ADMIN}, *services.keys,
                      *services.dead_letters, *services.audit),
        fleet_service({loop, authenticator, darkroom::v1::KEY_SCOPE_ADMIN}, *services.fleet) {}

  int OpenStreamCount() {
    int count = 0;
    RunOn(loop, [this, &count] { count = services.streams.count(); });
    return count;
  }

  void WaitForStreams(const Deadline& deadline) {
    while (OpenStreamCount() > 0 && !deadline.passed()) absl::SleepFor(kPoll);
  }

  Loop& loop;
  Services services;
  GenerationService generation_service;
  AccountService account_service;
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
  builder.RegisterService(&parts->account_service);
  builder.RegisterService(&parts->model_service);
  builder.RegisterService(&parts->prompt_service);
  builder.RegisterService(&parts->admin_service);
  builder.RegisterService(&parts->fleet_service);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
  }
  parts->health = std::make_shared<HealthMonitor>(loop, *parts->services.catalogue,
                                                  *parts->server->GetHealthCheckService());
  RunOn(loop, [&parts] {
    parts->services.Start();
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

Services& Gateway::services() { return parts_->services; }

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
    parts_->services.core->RefuseNewJobs();
  });
  parts_->WaitForStreams(half);
  RunOn(parts_->loop, [this] { parts_->services.streams.DrainAll(); });
  parts_->WaitForStreams(end);
  parts_->server->Shutdown(absl::ToChronoTime(end.when() + kLastWrites));
}

}  // namespace darkroom::server
