#include "server/grpc/prompt_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::ExplainPromptRequest;
using darkroom::v1::ExplainPromptResponse;
using darkroom::v1::ListStylesRequest;
using darkroom::v1::ListStylesResponse;
using darkroom::v1::ReadInfotextRequest;
using darkroom::v1::ReadInfotextResponse;

grpc::ServerUnaryReactor* PromptService::ExplainPrompt(grpc::CallbackServerContext* call,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return UnaryCall<ExplainPromptRequest, ExplainPromptResponse>::Start(
      context_, call, request, response,
      Parsed<ExplainPromptRequest, ExplainPromptResponse>(
          [this](auto& received, Callback<ExplainPromptResponse> done) {
            const Caller caller = std::move(received.caller);
            gate_.Pass(caller, [this, request = std::move(received.request),
                                done = std::move(done)](const absl::Status& passed) mutable {
              if (!passed.ok()) return done(passed);
              core_.ExplainPrompt(request, std::move(done));
            });
          }));
}

grpc::ServerUnaryReactor* PromptService::ReadInfotext(grpc::CallbackServerContext* call,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return UnaryCall<ReadInfotextRequest, ReadInfotextResponse>::Start(
      context_, call, request, response,
      Parsed<ReadInfotextRequest, ReadInfotextResponse>(
          [this](auto& received, Callback<ReadInfotextResponse> done) {
            const Caller caller = std::move(received.caller);
            gate_.Pass(caller, [this, request = std::move(received.request),
                                done = std::move(done)](const absl::Status& passed) mutable {
              if (!passed.ok()) return done(passed);
              core_.ReadInfotext(request, std::move(done));
            });
          }));
}

grpc::ServerUnaryReactor* PromptService::ListStyles(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return UnaryCall<ListStylesRequest, ListStylesResponse>::Start(
      context_, call, request, response,
      Parsed<ListStylesRequest, ListStylesResponse>(
          [this](const auto&, Callback<ListStylesResponse> done) {
            core_.ListStyles(std::move(done));
          }));
}

}  // namespace darkroom::server
