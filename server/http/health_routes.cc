#include "server/http/health_routes.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace darkroom::server::http {
namespace {

constexpr char kText[] = "text/plain; charset=utf-8";

void AddOpenGet(Router& router, std::string pattern, Handler handler) {
  router.Add({"GET", std::move(pattern), Access::Open(), 0, std::move(handler)});
}

}  // namespace

void AddHealthRoutes(Router& router, std::function<absl::Status()> healthy) {
  AddOpenGet(router, "/livez", [](const std::shared_ptr<Exchange>& exchange) {
    exchange->Answer(MakeResponse(200, kText, "ok\n"));
  });
  AddOpenGet(router, "/healthz",
             [healthy = std::move(healthy)](const std::shared_ptr<Exchange>& exchange) {
               const absl::Status health = healthy();
               if (health.ok()) return exchange->Answer(MakeResponse(200, kText, "ok\n"));
               exchange->Answer(MakeResponse(503, kText, absl::StrCat(health.message(), "\n")));
             });
}

}  // namespace darkroom::server::http
