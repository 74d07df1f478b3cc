#include "server/grpc/model_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::GetModelRequest;
using darkroom::v1::ListAdaptersRequest;
using darkroom::v1::ListAdaptersResponse;
using darkroom::v1::ListModelsRequest;
using darkroom::v1::ListModelsResponse;
using darkroom::v1::ListUpscalersRequest;
using darkroom::v1::ListUpscalersResponse;
using darkroom::v1::Model;

grpc::ServerUnaryReactor* ModelService::ListModels(grpc::CallbackServerContext* call,
                                                   const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) {
  return UnaryCall<ListModelsRequest, ListModelsResponse>::Start(
      context_, call, request, response,
      Parsed<ListModelsRequest, ListModelsResponse>(
          [this](const auto& received, Callback<ListModelsResponse> done) {
            core_.ListModels(received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* ModelService::GetModel(grpc::CallbackServerContext* call,
                                                 const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) {
  return UnaryCall<GetModelRequest, Model>::Start(
      context_, call, request, response,
      Parsed<GetModelRequest, Model>([this](const auto& received, Callback<Model> done) {
        core_.GetModel(received.request, std::move(done));
      }));
}

grpc::ServerUnaryReactor* ModelService::ListAdapters(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return UnaryCall<ListAdaptersRequest, ListAdaptersResponse>::Start(
      context_, call, request, response,
      Parsed<ListAdaptersRequest, ListAdaptersResponse>(
          [this](const auto& received, Callback<ListAdaptersResponse> done) {
            core_.ListAdapters(received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* ModelService::ListUpscalers(grpc::CallbackServerContext* call,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return UnaryCall<ListUpscalersRequest, ListUpscalersResponse>::Start(
      context_, call, request, response,
      Parsed<ListUpscalersRequest, ListUpscalersResponse>(
          [this](const auto& received, Callback<ListUpscalersResponse> done) {
            core_.ListUpscalers(received.request, std::move(done));
          }));
}

}  // namespace darkroom::server
