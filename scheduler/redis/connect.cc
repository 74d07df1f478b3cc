#include "scheduler/redis/connect.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/redis/redis_audit_log.h"
#include "scheduler/redis/redis_dead_letters.h"
#include "scheduler/redis/redis_event_bus.h"
#include "scheduler/redis/redis_fleet.h"
#include "scheduler/redis/redis_guard.h"
#include "scheduler/redis/redis_job_queue.h"
#include "scheduler/redis/redis_key_store.h"
#include "scheduler/redis/redis_lease_store.h"
#include "scheduler/redis/redis_model_registry.h"
#include "scheduler/redis/redis_promise_meter.h"
#include "scheduler/redis/redis_request_limiter.h"
#include "scheduler/redis/redis_result_store.h"
#include "scheduler/redis/redis_setting_store.h"
#include "scheduler/redis/redis_store_meter.h"

namespace darkroom::scheduler {
namespace {

class Ports : public RedisPorts {
 public:
  explicit Ports(const RedisOptions& options)
      : loop_(options.endpoint),
        pool_(&loop_, options.pool, options.durations),
        jobs_(&pool_),
        leases_(&pool_),
        events_(&pool_),
        results_(&pool_),
        models_(&pool_),
        keys_(&pool_),
        requests_(&pool_),
        dead_letters_(&pool_),
        audit_(&pool_),
        fleet_(&pool_),
        promises_(&pool_),
        settings_(&pool_),
        store_(&loop_) {}

  RedisLoop& loop() { return loop_; }
  const Keys& pool_keys() const { return pool_.keys(); }

  JobQueue& jobs() override { return jobs_; }
  LeaseStore& leases() override { return leases_; }
  EventBus& events() override { return events_; }
  ResultStore& results() override { return results_; }
  ModelRegistry& models() override { return models_; }
  KeyStore& keys() override { return keys_; }
  RequestLimiter& requests() override { return requests_; }
  DeadLetters& dead_letters() override { return dead_letters_; }
  AuditLog& audit() override { return audit_; }
  Fleet& fleet() override { return fleet_; }
  PromiseMeter& promises() override { return promises_; }
  SettingStore& settings() override { return settings_; }
  StoreMeter& store() override { return store_; }

 private:
  RedisLoop loop_;
  RedisPool pool_;
  RedisJobQueue jobs_;
  RedisLeaseStore leases_;
  RedisEventBus events_;
  RedisResultStore results_;
  RedisModelRegistry models_;
  RedisKeyStore keys_;
  RedisRequestLimiter requests_;
  RedisDeadLetters dead_letters_;
  RedisAuditLog audit_;
  RedisFleet fleet_;
  RedisPromiseMeter promises_;
  RedisSettingStore settings_;
  RedisStoreMeter store_;
};

std::string AddressText(const RedisAddress& address) {
  return absl::StrCat(address.host, ":", address.port);
}

std::string Where(const RedisEndpoint& endpoint) {
  if (endpoint.sentinels.empty()) return AddressText({endpoint.host, endpoint.port});
  std::vector<std::string> sentinels;
  for (const RedisAddress& each : endpoint.sentinels) sentinels.push_back(AddressText(each));
  return absl::StrCat("the master ", endpoint.master, " of the sentinels ",
                      absl::StrJoin(sentinels, ", "));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisPorts>> Connect(const RedisOptions& options) {
  DARKROOM_RETURN_IF_ERROR(CheckPoolName(options.pool));
  auto ports = std::make_unique<Ports>(options);
  if (!ports->loop().WaitUntilUp(options.start_timeout).ok()) {
    return absl::UnavailableError(absl::StrCat("cannot reach Redis at ", Where(options.endpoint)));
  }
  DARKROOM_RETURN_IF_ERROR(CheckFunctions(ports->loop()));
  if (!options.allow_unsafe) DARKROOM_RETURN_IF_ERROR(CheckDurability(ports->loop()));
  DARKROOM_RETURN_IF_ERROR(CheckLayout(ports->loop(), ports->pool_keys()));
  return ports;
}

absl::Status CheckPoolName(absl::string_view pool) {
  if (IsCatalogueId(pool)) return absl::OkStatus();
  return absl::InvalidArgumentError("the pool is not a name of [a-z0-9._-]{1,64}");
}

absl::StatusOr<RedisEndpoint> ParseEndpoint(absl::string_view text) {
  RedisEndpoint endpoint;
  absl::string_view host = text;
  const std::size_t colon = text.rfind(':');
  const bool bracketed = !text.empty() && text.back() == ']';
  if (colon != absl::string_view::npos && !bracketed) {
    host = text.substr(0, colon);
    if (!absl::SimpleAtoi(text.substr(colon + 1), &endpoint.port) || endpoint.port < 1 ||
        endpoint.port > 65535) {
      return absl::InvalidArgumentError(absl::StrCat("no port in \"", text, "\""));
    }
  }
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  if (host.empty()) return absl::InvalidArgumentError(absl::StrCat("no host in \"", text, "\""));
  endpoint.host = std::string(host);
  return endpoint;
}

}  // namespace darkroom::scheduler
