#include <string>
#include <utility>

#include "darkroom/v1/admin_service.pb.h"
#include "darkroom/v1/fleet_service.pb.h"
#include "server/rest/rest_api.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::Fleet;
using darkroom::v1::GetFleetRequest;
using darkroom::v1::ListWorkersRequest;
using darkroom::v1::ListWorkersResponse;
using darkroom::v1::Worker;
using scheduler::WorkerWish;

Operation Admin(std::string method, std::string pattern, std::string id, std::string summary) {
  Operation operation;
  operation.method = std::move(method);
  operation.pattern = std::move(pattern);
  operation.id = std::move(id);
  operation.summary = std::move(summary);
  operation.access = http::Access::Scope(darkroom::v1::KEY_SCOPE_ADMIN);
  return operation;
}

Operation AdminListing(std::string pattern, std::string id, std::string summary) {
  return Admin("GET", std::move(pattern), std::move(id), std::move(summary));
}

// Of what the path names.
Operation Acting(std::string pattern, std::string id, std::string summary) {
  Operation operation = Admin("POST", std::move(pattern), std::move(id), std::move(summary));
  operation.resource_field = "name";
  operation.max_body_bytes = kMaxEmptyRequestBytes;
  return operation;
}

Operation Creating(std::string pattern, std::string id, std::string summary) {
  Operation operation = Admin("POST", std::move(pattern), std::move(id), std::move(summary));
  operation.max_body_bytes = kMaxSmallRequestBytes;
  return operation;
}

template <typename Request>
void AddWish(ApiBuilder& api, FleetCore& fleet, std::string verb, std::string id, WorkerWish wish,
             std::string summary) {
  api.Unary<Request, Worker>(Acting("/v1/workers/{worker}:" + verb, id, std::move(summary)),
                             [&fleet, id, wish](const Call<Request>& call, Callback<Worker> done) {
                               fleet.AskWorker(call.caller, id, call.request.name(), wish,
                                               std::move(done));
                             });
}

void AddFleetOperations(ApiBuilder& api, FleetCore& fleet) {
  api.Unary<ListWorkersRequest, ListWorkersResponse>(
      AdminListing("/v1/workers", "ListWorkers", "Lists the workers, by name"),
      [&fleet](const Call<ListWorkersRequest>&, Callback<ListWorkersResponse> done) {
        fleet.ListWorkers(std::move(done));
      });
  api.Unary<GetFleetRequest, Fleet>(
      AdminListing("/v1/fleet", "GetFleet", "Shows workers and queue at one moment"),
      [&fleet](const Call<GetFleetRequest>&, Callback<Fleet> done) {
        fleet.GetFleet(std::move(done));
      });
  AddWish<darkroom::v1::PauseWorkerRequest>(api, fleet, "pause", "PauseWorker", WorkerWish::kPause,
                                            "Has a worker take no new jobs");
  AddWish<darkroom::v1::ResumeWorkerRequest>(api, fleet, "resume", "ResumeWorker",
                                             WorkerWish::kServe, "Has it take jobs again");
  AddWish<darkroom::v1::DrainWorkerRequest>(api, fleet, "drain", "DrainWorker", WorkerWish::kDrain,
                                            "Has it end as on SIGTERM");
}

}  // namespace

void AddAdminOperations(ApiBuilder& api, Services& services) {
  KeyCore& keys = *services.keys;
  api.Method(Creating("/v1/keys", "CreateKey", "Makes a key, whose secret is told once"), keys,
             &KeyCore::CreateKey);
  api.Method(AdminListing("/v1/keys", "ListKeys", "Lists the keys, without their secrets"), keys,
             &KeyCore::ListKeys);
  api.Method(Acting("/v1/keys/{key}:rotate", "RotateKey", "Gives a key another secret"), keys,
             &KeyCore::RotateKey);
  api.Method(Acting("/v1/keys/{key}:revoke", "RevokeKey", "Ends a key for good"), keys,
             &KeyCore::RevokeKey);
  DeadLetterCore& letters = *services.dead_letters;
  api.Method(
      AdminListing("/v1/deadLetters", "ListDeadLetters", "Lists the jobs that were given up"),
      letters, &DeadLetterCore::ListDeadLetters);
  api.Method(Acting("/v1/deadLetters/{job}:requeue", "RequeueDeadLetter", "Queues one again"),
             letters, &DeadLetterCore::RequeueDeadLetter);
  api.Method(AdminListing("/v1/auditEntries", "ListAuditEntries",
                          "Lists what was done with the scope admin, newest first"),
             *services.audit, &AuditTrail::ListAuditEntries);
  AddFleetOperations(api, *services.fleet);
}

}  // namespace darkroom::server::rest
