#ifndef DARKROOM_SERVER_GRPC_ACCOUNT_SERVICE_H_
#define DARKROOM_SERVER_GRPC_ACCOUNT_SERVICE_H_

#include "darkroom/v1/account_service.grpc.pb.h"
#include "server/core/account_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

// darkroom.v1.AccountService over gRPC. Everything but the transport is in AccountCore.
class AccountService final : public darkroom::v1::AccountService::WithRawCallbackMethod_GetAccount<
                                 darkroom::v1::AccountService::Service> {
 public:
  // `core` outlives the service.
  AccountService(const CallContext& context, const AccountCore& core)
      : context_(context), core_(core) {}

  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* call,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  const AccountCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_ACCOUNT_SERVICE_H_
