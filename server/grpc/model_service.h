#ifndef DARKROOM_SERVER_GRPC_MODEL_SERVICE_H_
#define DARKROOM_SERVER_GRPC_MODEL_SERVICE_H_

#include "darkroom/v1/model_service.grpc.pb.h"
#include "server/core/model_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

// darkroom.v1.ModelService over gRPC. Everything but the transport is in ModelCore.
class ModelService final
    : public darkroom::v1::ModelService::WithRawCallbackMethod_ListModels<
          darkroom::v1::ModelService::WithRawCallbackMethod_GetModel<
              darkroom::v1::ModelService::WithRawCallbackMethod_ListAdapters<
                  darkroom::v1::ModelService::WithRawCallbackMethod_ListUpscalers<
                      darkroom::v1::ModelService::Service>>>> {
 public:
  // `core` outlives the service.
  ModelService(const CallContext& context, ModelCore& core) : context_(context), core_(core) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* call,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListAdapters(grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListUpscalers(grpc::CallbackServerContext* call,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  ModelCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_MODEL_SERVICE_H_
