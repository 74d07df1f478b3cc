#ifndef DARKROOM_SERVER_CORE_ACCOUNT_CORE_H_
#define DARKROOM_SERVER_CORE_ACCOUNT_CORE_H_

#include <utility>

#include "common/await.h"
#include "darkroom/v1/account_service.pb.h"
#include "server/admission/tiers.h"
#include "server/core/caller.h"

namespace darkroom::server {

// The account service without its transport. Thread-safe.
class AccountCore {
 public:
  explicit AccountCore(Tiers tiers) : tiers_(std::move(tiers)) {}

  // Of a caller without a tenant, who is not known: nothing.
  void GetAccount(const Caller& caller, const darkroom::v1::GetAccountRequest& request,
                  Callback<darkroom::v1::Account> done) const;

 private:
  const Tiers tiers_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_ACCOUNT_CORE_H_
