#ifndef DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_
#define DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_

#include "darkroom/v1/prompt_service.grpc.pb.h"
#include "server/core/prompt_core.h"
#include "server/grpc/call.h"

namespace darkroom::server {

// darkroom.v1.PromptService over gRPC. Everything but the transport is in PromptCore.
class PromptService final : public darkroom::v1::PromptService::WithRawCallbackMethod_ExplainPrompt<
                                darkroom::v1::PromptService::WithRawCallbackMethod_ReadInfotext<
                                    darkroom::v1::PromptService::WithRawCallbackMethod_ListStyles<
                                        darkroom::v1::PromptService::Service>>> {
 public:
  // `core` outlives the service.
  PromptService(const CallContext& context, PromptCore& core) : context_(context), core_(core) {}

  grpc::ServerUnaryReactor* ExplainPrompt(grpc::CallbackServerContext* call,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ReadInfotext(grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListStyles(grpc::CallbackServerContext* call,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  PromptCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_
