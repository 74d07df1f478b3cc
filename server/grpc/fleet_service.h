#ifndef DARKROOM_SERVER_GRPC_FLEET_SERVICE_H_
#define DARKROOM_SERVER_GRPC_FLEET_SERVICE_H_

#include "darkroom/v1/fleet_service.grpc.pb.h"
#include "server/core/fleet_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

namespace internal {

using FleetStub = darkroom::v1::FleetService;
using RawFleet =
    FleetStub::WithRawCallbackMethod_ListWorkers<FleetStub::WithRawCallbackMethod_PauseWorker<
        FleetStub::WithRawCallbackMethod_ResumeWorker<FleetStub::WithRawCallbackMethod_DrainWorker<
            FleetStub::WithRawCallbackMethod_GetFleet<FleetStub::Service>>>>>;

}  // namespace internal

// darkroom.v1.FleetService over gRPC. Everything but the transport is in FleetCore.
class FleetService final : public internal::RawFleet {
 public:
  // `core` outlives the service.
  FleetService(const CallContext& context, FleetCore& core) : context_(context), core_(core) {}

  grpc::ServerUnaryReactor* ListWorkers(grpc::CallbackServerContext* call,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PauseWorker(grpc::CallbackServerContext* call,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ResumeWorker(grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* call,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetFleet(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  FleetCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_FLEET_SERVICE_H_
