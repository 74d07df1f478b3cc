#ifndef DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_
#define DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_

#include "darkroom/v1/prompt_service.grpc.pb.h"
#include "server/core/prompt_core.h"
#include "server/core/request_gate.h"
#include "server/grpc/call.h"

namespace darkroom::server {

// darkroom.v1.PromptService over gRPC. Everything but the transport is in PromptCore.
class PromptService final : public darkroom::v1::PromptService::WithRawCallbackMethod_ExplainPrompt<
                                darkroom::v1::PromptService::WithRawCallbackMethod_ReadInfotext<
                                    darkroom::v1::PromptService::WithRawCallbackMethod_ListStyles<
                                        darkroom::v1::PromptService::Service>>> {
 public:
  // `gate`, which what takes work has to pass, and `core` outlive the service.
  PromptService(const CallContext& context, RequestGate& gate, PromptCore& core)
      : context_(context), gate_(gate), core_(core) {}

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
  RequestGate& gate_;
  PromptCore& core_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_PROMPT_SERVICE_H_
