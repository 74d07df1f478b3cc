#include <utility>

#include "darkroom/v1/account_service.pb.h"
#include "server/rest/rest_api.h"

namespace darkroom::server::rest {

void AddAccountOperations(ApiBuilder& api, Services& services) {
  Operation operation;
  operation.method = "GET";
  operation.pattern = "/v1/account";
  operation.id = "GetAccount";
  operation.summary = "Returns whose key the call has and what that allows";
  // A page asks before it has a key, and would have an error in its console.
  operation.access = http::Access::Anybody();
  api.Unary<darkroom::v1::GetAccountRequest, darkroom::v1::Account>(
      std::move(operation),
      [&core = services.account](const Call<darkroom::v1::GetAccountRequest>& call,
                                 Callback<darkroom::v1::Account> done) {
        core.GetAccount(call.caller, call.request, std::move(done));
      });
}

}  // namespace darkroom::server::rest
