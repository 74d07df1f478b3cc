#ifndef DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_
#define DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_

#include "darkroom/v1/admin_service.grpc.pb.h"
#include "server/core/audit_trail.h"
#include "server/core/dead_letter_core.h"
#include "server/core/key_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

namespace internal {

using AdminStub = darkroom::v1::AdminService;
using RawAdminKeys = AdminStub::WithRawCallbackMethod_CreateKey<
    AdminStub::WithRawCallbackMethod_ListKeys<AdminStub::WithRawCallbackMethod_RotateKey<
        AdminStub::WithRawCallbackMethod_RevokeKey<AdminStub::Service>>>>;
using RawAdmin = AdminStub::WithRawCallbackMethod_ListDeadLetters<
    AdminStub::WithRawCallbackMethod_RequeueDeadLetter<
        AdminStub::WithRawCallbackMethod_ListAuditEntries<RawAdminKeys>>>;

}  // namespace internal

// darkroom.v1.AdminService over gRPC. Everything but the transport is in the cores.
class AdminService final : public internal::RawAdmin {
 public:
  // The cores outlive the service.
  AdminService(const CallContext& context, KeyCore& keys, DeadLetterCore& dead_letters,
               AuditTrail& audit)
      : context_(context), core_(keys), dead_letters_(dead_letters), audit_(audit) {}

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
  grpc::ServerUnaryReactor* ListDeadLetters(grpc::CallbackServerContext* call,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RequeueDeadLetter(grpc::CallbackServerContext* call,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListAuditEntries(grpc::CallbackServerContext* call,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  KeyCore& core_;
  DeadLetterCore& dead_letters_;
  AuditTrail& audit_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_ADMIN_SERVICE_H_
