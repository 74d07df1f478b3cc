#ifndef DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_
#define DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_

#include "darkroom/v1/admin_service.grpc.pb.h"
#include "server/core/key_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

// darkroom.v1.AdminService over gRPC. Everything but the transport is in KeyCore.
class AdminService final : public darkroom::v1::AdminService::WithRawCallbackMethod_CreateKey<
                               darkroom::v1::AdminService::WithRawCallbackMethod_ListKeys<
                                   darkroom::v1::AdminService::WithRawCallbackMethod_RotateKey<
                                       darkroom::v1::AdminService::WithRawCallbackMethod_RevokeKey<
                                           darkroom::v1::AdminService::Service>>>> {
 public:
  // `core` outlives the service.
  AdminService(const CallContext& context, KeyCore& core) : context_(context), core_(core) {}

  grpc::ServerUnaryReactor* CreateKey(grpc::CallbackServerContext* call,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListKeys(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RotateKey(grpc::CallbackServerContext* call,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RevokeKey(grpc::CallbackServerContext* call,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  KeyCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_
