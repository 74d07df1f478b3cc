// darkroom-gateway: the API of a pool, over gRPC and HTTP. Any number may run; none keeps anything.

#include <google/protobuf/stubs/logging.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "common/deadline.h"
#include "common/drain.h"
#include "common/file.h"
#include "common/listen_address.h"
#include "common/log.h"
#include "common/metrics/metrics_flag.h"
#include "common/metrics/registry.h"
#include "common/settings.h"
#include "common/status_macros.h"
#include "common/trace/trace_flag.h"
#include "common/trace/tracer.h"
#include "scheduler/redis/connect.h"
#include "scheduler/redis/redis_flags.h"
#include "server/a1111/a1111_api.h"
#include "server/admission/model_aliases.h"
#include "server/admission/style_file.h"
#include "server/admission/tier_file.h"
#include "server/auth/bearer_authenticator.h"
#include "server/auth/client_address.h"
#include "server/auth/key_secret.h"
#include "server/auth/static_keys.h"
#include "server/auth/stored_keys.h"
#include "server/core/asio_loop.h"
#include "server/dezgo/dezgo_api.h"
#include "server/grpc/gateway.h"
#include "server/http/certificate.h"
#include "server/http/health_routes.h"
#include "server/http/listener.h"
#include "server/http/origin_policy.h"
#include "server/openai/openai_api.h"
#include "server/rest/rest_api.h"
#include "server/web/web_page.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:50051", "address of the gRPC API, host:port");
ABSL_FLAG(std::string, http_listen, "",
          "address of the HTTP API, host:port, as in 127.0.0.1:7860; empty: there is none");
ABSL_FLAG(std::vector<std::string>, http_allowed_origins, {},
          "origins whose pages may use the HTTP API from their visitors' browsers, as in "
          "https://example.org,https://example.com; \"*\": all; empty: this gateway's own alone");
ABSL_FLAG(std::vector<std::string>, http_hosts, {},
          "names by which browsers ask for the HTTP API, as in pictures.example.org; without keys, "
          "and with --allow_anonymous, it answers to these, to addresses and to local names alone");
ABSL_FLAG(
    std::string, http_tls_certificate, "",
    "file of the certificate, PEM with its chain, that has the HTTP API speak TLS; read again "
    "when it changes; empty: no TLS");
ABSL_FLAG(std::string, http_tls_key, "",
          "file of the key of --http_tls_certificate, PEM without a password; likewise");
ABSL_FLAG(std::string, api_keys_file, "",
          "file of keys of callers, a line \"tenant sha256-of-key [tier [scopes]]\" each; without "
          "it and --key_pepper_file everybody is the tenant \"anonymous\"");
ABSL_FLAG(
    std::string, key_pepper_file, "",
    "file of a secret that all gateways of the pool share, 32 bytes or more, as `openssl rand "
    "-hex 32` prints them; with it keys are kept in Redis and managed by `darkroom keys`");
ABSL_FLAG(bool, allow_anonymous, false,
          "where there are keys: let callers without one in too, of the tier \"anonymous\" if "
          "--tiers has it; with --key_pepper_file each of their addresses is a tenant");
ABSL_FLAG(std::vector<std::string>, trusted_proxies, {},
          "networks of proxies before this gateway, as in 10.0.0.0/8,fd00::/8: the address of a "
          "caller without a key is taken from their X-Forwarded-For");
ABSL_FLAG(std::string, tiers, "",
          "file of what the tenants of each tier may do, see server/admission/tier_file.h; without "
          "it there is the tier \"standard\" alone, without limits");
ABSL_FLAG(std::string, default_model, "",
          "model of requests that name none; empty: the only one, if there is just one");
ABSL_FLAG(
    std::vector<std::string>, model_aliases,
    std::vector<std::string>({"gpt-image-*", "dall-e-*", "chatgpt-image-*"}),
    "what clients that were written for other servers get for those servers' models, as in "
    "gpt-image-1=sdxl,dall-e-*: a name, or the beginning of names and \"*\", and \"=\" and the "
    "model, without which it is that of requests that name none; the first that fits counts");
ABSL_FLAG(std::string, styles, "",
          "file of the styles that requests may name, a styles.csv of AUTOMATIC1111");
ABSL_FLAG(int, max_queued, 1000, "jobs that may wait; more are refused; 0: no limit");
ABSL_FLAG(
    double, trace_sample_ratio, 1,
    "how many of the traces that begin here, 0 to 1, are recorded, with --trace_endpoint; what "
    "a caller's traceparent says goes before");
ABSL_FLAG(absl::Duration, drain_grace, absl::Seconds(10),
          "how long streams may take to end when the gateway stops");

namespace {

using darkroom::OfFlag;
using darkroom::scheduler::RedisOptions;
using darkroom::scheduler::RedisPorts;
using darkroom::server::Anonymous;
using darkroom::server::AsioLoop;
using darkroom::server::Authenticator;
using darkroom::server::BearerAuthenticator;
using darkroom::server::Gateway;
using darkroom::server::KeySource;
using darkroom::server::ModelAliases;
using darkroom::server::Pepper;
using darkroom::server::Ports;
using darkroom::server::ReadStyleFile;
using darkroom::server::ReadTierFile;
using darkroom::server::StaticKeys;
using darkroom::server::StoredKeys;
using darkroom::server::TrustedProxies;
using darkroom::server::http::Certificate;
using darkroom::server::http::CertificateFiles;
using darkroom::server::http::OriginPolicy;
using HttpListener = darkroom::server::http::Listener;

constexpr std::size_t kMaxKeysFileBytes = 16 << 20;
constexpr absl::Duration kLastAnswers = absl::Seconds(2);  // longer than a call of the store takes

// Nothing without one.
absl::StatusOr<std::optional<Pepper>> PepperFromFlags() {
  const std::string file = absl::GetFlag(FLAGS_key_pepper_file);
  if (file.empty()) return std::nullopt;
  absl::StatusOr<Pepper> pepper = Pepper::Read(file);
  if (!pepper.ok()) return OfFlag("key_pepper_file", pepper.status());
  return std::optional<Pepper>(*std::move(pepper));
}

// Null without a file.
absl::StatusOr<std::unique_ptr<StaticKeys>> StaticKeysFromFlags() {
  const std::string file = absl::GetFlag(FLAGS_api_keys_file);
  if (file.empty()) return nullptr;
  absl::StatusOr<std::string> list = darkroom::ReadFile(file, kMaxKeysFileBytes);
  if (!list.ok()) return OfFlag("api_keys_file", list.status());
  absl::StatusOr<std::unique_ptr<StaticKeys>> keys = StaticKeys::Parse(*list);
  if (!keys.ok()) return OfFlag("api_keys_file", keys.status());
  return keys;
}

absl::StatusOr<std::optional<Anonymous>> AnonymousFromFlags(const std::optional<Pepper>& pepper) {
  Anonymous anonymous;
  DARKROOM_ASSIGN_OR_RETURN(anonymous.proxies,
                            TrustedProxies::Parse(absl::GetFlag(FLAGS_trusted_proxies)));
  anonymous.pepper = pepper;
  const bool allowed = absl::GetFlag(FLAGS_allow_anonymous);
  if (!anonymous.proxies.empty() && !(allowed && anonymous.pepper.has_value())) {
    return absl::InvalidArgumentError(
        "--trusted_proxies is about callers without a key, who are told apart with "
        "--allow_anonymous and --key_pepper_file; add both, or leave it out");
  }
  return allowed ? std::optional<Anonymous>(std::move(anonymous)) : std::nullopt;
}

// `stored` is null without `pepper`.
absl::StatusOr<std::unique_ptr<Authenticator>> AuthenticatorFromFlags(
    const std::optional<Pepper>& pepper, const std::shared_ptr<StoredKeys>& stored) {
  std::vector<std::shared_ptr<const KeySource>> sources;
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<StaticKeys> keys, StaticKeysFromFlags());
  if (keys != nullptr) sources.push_back(std::move(keys));
  if (stored != nullptr) sources.push_back(stored);
  if (sources.empty()) return BearerAuthenticator::EverybodyAnonymous();
  DARKROOM_ASSIGN_OR_RETURN(std::optional<Anonymous> anonymous, AnonymousFromFlags(pepper));
  return std::make_unique<BearerAuthenticator>(std::move(sources), std::move(anonymous));
}

// gRPC listens on sockets of the file system, too.
absl::Status CheckListen() {
  const std::string listen = absl::GetFlag(FLAGS_listen);
  if (absl::StartsWith(listen, "unix")) return absl::OkStatus();
  return OfFlag("listen", darkroom::ParseListenAddress(listen).status());
}

// Nothing without one.
std::optional<CertificateFiles> CertificateFromFlags() {
  CertificateFiles files = {absl::GetFlag(FLAGS_http_tls_certificate),
                            absl::GetFlag(FLAGS_http_tls_key)};
  if (files.certificate.empty()) return std::nullopt;
  return files;
}

absl::Status CheckCertificate() {
  const std::optional<CertificateFiles> files = CertificateFromFlags();
  const std::string key = absl::GetFlag(FLAGS_http_tls_key);
  if (files.has_value() == key.empty()) {
    return absl::InvalidArgumentError(
        "--http_tls_certificate and --http_tls_key belong together; one of them is missing");
  }
  if (!files.has_value()) return absl::OkStatus();
  return OfFlag("http_tls_certificate", Certificate::Load(*files).status());
}

absl::Status CheckHttp() {
  const std::string listen = absl::GetFlag(FLAGS_http_listen);
  const std::vector<std::string> origins = absl::GetFlag(FLAGS_http_allowed_origins);
  if (listen.empty() && !origins.empty()) {
    return absl::InvalidArgumentError(
        "--http_allowed_origins is about the HTTP API, which needs --http_listen; add it, or leave "
        "the origins out");
  }
  if (!listen.empty()) {
    DARKROOM_RETURN_IF_ERROR(OfFlag("http_listen", darkroom::ParseListenAddress(listen).status()));
  }
  return OfFlag("http_allowed_origins", OriginPolicy::Check(origins));
}

absl::Status CheckNumbers() {
  if (absl::GetFlag(FLAGS_max_queued) < 0) {
    return absl::InvalidArgumentError("--max_queued is below 0");
  }
  if (absl::GetFlag(FLAGS_drain_grace) < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--drain_grace is below 0");
  }
  const double ratio = absl::GetFlag(FLAGS_trace_sample_ratio);
  if (!(ratio >= 0 && ratio <= 1)) {
    return absl::InvalidArgumentError("--trace_sample_ratio is not between 0 and 1");
  }
  return absl::OkStatus();
}

absl::StatusOr<ModelAliases> AliasesFromFlags() {
  absl::StatusOr<ModelAliases> aliases = ModelAliases::Parse(absl::GetFlag(FLAGS_model_aliases));
  if (!aliases.ok()) return OfFlag("model_aliases", aliases.status());
  return aliases;
}

absl::StatusOr<Gateway::Options> GatewayFromFlags() {
  Gateway::Options options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.default_model = absl::GetFlag(FLAGS_default_model);
  options.generation.max_queued = absl::GetFlag(FLAGS_max_queued);
  DARKROOM_ASSIGN_OR_RETURN(options.generation.tiers, ReadTierFile(absl::GetFlag(FLAGS_tiers)));
  options.requests.draw_seed = [device = std::make_shared<std::random_device>()] {
    return static_cast<std::uint32_t>((*device)());
  };
  DARKROOM_ASSIGN_OR_RETURN(options.requests.styles, ReadStyleFile(absl::GetFlag(FLAGS_styles)));
  return options;
}

std::vector<absl::Status> CheckFlags() {
  std::vector<absl::Status> found = darkroom::scheduler::CheckRedisFlags();
  const absl::StatusOr<std::optional<Pepper>> pepper = PepperFromFlags();
  found.insert(found.end(),
               {darkroom::metrics::CheckMetricsFlag(), darkroom::trace::CheckTraceFlag(),
                CheckListen(), CheckHttp(), CheckCertificate(), CheckNumbers(),
                OfFlag("tiers", ReadTierFile(absl::GetFlag(FLAGS_tiers)).status()),
                OfFlag("styles", ReadStyleFile(absl::GetFlag(FLAGS_styles)).status()),
                AliasesFromFlags().status(), pepper.status(), StaticKeysFromFlags().status()});
  // With a pepper that is wrong, no word about one that is missing.
  if (pepper.ok()) found.push_back(AnonymousFromFlags(*pepper).status());
  return found;
}

bool AdmitsCallersWithoutKey() {
  const bool keys =
      !absl::GetFlag(FLAGS_api_keys_file).empty() || !absl::GetFlag(FLAGS_key_pepper_file).empty();
  return !keys || absl::GetFlag(FLAGS_allow_anonymous);
}

// Null without the flag.
absl::StatusOr<std::unique_ptr<HttpListener>> HttpFromFlags(AsioLoop& loop, Gateway& gateway,
                                                            RedisPorts& store,
                                                            const Authenticator& authenticator,
                                                            darkroom::metrics::Registry* registry) {
  HttpListener::Options options;
  options.listen = absl::GetFlag(FLAGS_http_listen);
  if (options.listen.empty()) return nullptr;
  options.allowed_origins = absl::GetFlag(FLAGS_http_allowed_origins);
  if (AdmitsCallersWithoutKey()) options.hosts = absl::GetFlag(FLAGS_http_hosts);
  options.certificate = CertificateFromFlags();
  options.metrics = registry;
  darkroom::server::http::Router router;
  darkroom::server::http::AddHealthRoutes(router, [&gateway] { return gateway.health(); });
  darkroom::server::rest::AddRestApi(router, loop, gateway.services());
  darkroom::server::web::AddWebPage(router);
  DARKROOM_ASSIGN_OR_RETURN(ModelAliases aliases, AliasesFromFlags());
  darkroom::server::openai::AddOpenAiApi(router, loop, gateway.services(), aliases);
  darkroom::server::dezgo::AddDezgoApi(router, loop, gateway.services(), std::move(aliases));
  darkroom::server::a1111::AddA1111Api(router, loop, gateway.services(), store.settings());
  return HttpListener::Start(loop, std::move(router), authenticator, std::move(options));
}

absl::Status Run(darkroom::DrainSignal& drain) {
  DARKROOM_RETURN_IF_ERROR(darkroom::FirstError(CheckFlags()));
  DARKROOM_ASSIGN_OR_RETURN(const RedisOptions redis, darkroom::scheduler::RedisOptionsFromFlags());
  DARKROOM_ASSIGN_OR_RETURN(Gateway::Options options, GatewayFromFlags());
  darkroom::metrics::Registry registry;
  darkroom::metrics::Registry* const counted = darkroom::metrics::AreServed() ? &registry : nullptr;
  options.metrics = counted;
  // Outlives the gateway, and has what is left sent.
  const std::unique_ptr<darkroom::trace::SpanExporter> exporter =
      darkroom::trace::ExporterFromFlag("darkroom-gateway", "", counted);
  options.generation.tracer =
      darkroom::trace::Tracer(exporter.get(), absl::GetFlag(FLAGS_trace_sample_ratio));
  AsioLoop loop;  // outlives the ports, whose last callbacks post to it
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<RedisPorts> store,
                            darkroom::scheduler::Connect(redis));
  DARKROOM_ASSIGN_OR_RETURN(const std::optional<Pepper> pepper, PepperFromFlags());
  if (pepper.has_value()) {
    options.keys = std::make_shared<StoredKeys>(loop, store->keys(), *pepper);
    options.keys->Start();
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<Authenticator> authenticator,
                            AuthenticatorFromFlags(pepper, options.keys));
  const Ports ports{store->jobs(),  store->events(),   store->results(),      store->models(),
                    store->keys(),  store->requests(), store->dead_letters(), store->audit(),
                    store->fleet(), store->promises()};
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<Gateway> gateway,
                            Gateway::Start(loop, ports, *authenticator, std::move(options)));
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<HttpListener> http,
                            HttpFromFlags(loop, *gateway, *store, *authenticator, counted));
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<darkroom::metrics::Listener> listener,
                            darkroom::metrics::ListenerFromFlag(
                                "gateway", registry, [&gateway] { return gateway->health(); }));
  darkroom::log::Info("gateway is listening", {{"pool", redis.pool},
                                               {"port", gateway->port()},
                                               {"http_port", http == nullptr ? 0 : http->port()}});
  drain.Wait();
  darkroom::log::Info("gateway is draining");
  if (http != nullptr) http->Drain();
  gateway->Drain(absl::GetFlag(FLAGS_drain_grace));
  if (http != nullptr) http->WaitForAnswers(darkroom::Deadline::In(kLastAnswers));
  return absl::OkStatus();
}

// Requests that cannot be parsed are answered; what protobuf says about them is not for the log.
void DropProtobufLog(google::protobuf::LogLevel level, const char*, int, const std::string&) {
  if (level >= google::protobuf::LOGLEVEL_FATAL) darkroom::log::Error("protobuf failed");
}

}  // namespace

int main(int argc, char** argv) {
  const auto settings =
      darkroom::Settings::Parse("gateway", "Serves the API of a Darkroom pool.", argc, argv);
  if (settings.only_check()) return settings.Report(CheckFlags());
  if (const std::optional<int> status = darkroom::metrics::CheckHealthFromFlag()) return *status;
  darkroom::DrainSignal drain;
  darkroom::log::Start("gateway");
  google::protobuf::SetLogHandler(&DropProtobufLog);
  const absl::Status status = Run(drain);
  if (!status.ok()) darkroom::log::Error("gateway failed", {{"why", status.message()}});
  darkroom::log::Flush();
  return status.ok() ? 0 : 1;
}
