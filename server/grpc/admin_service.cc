#include "server/grpc/admin_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::ApiKey;
using darkroom::v1::CreateKeyRequest;
using darkroom::v1::CreateKeyResponse;
using darkroom::v1::ListKeysRequest;
using darkroom::v1::ListKeysResponse;
using darkroom::v1::RevokeKeyRequest;
using darkroom::v1::RotateKeyRequest;
using darkroom::v1::RotateKeyResponse;

grpc::ServerUnaryReactor* AdminService::CreateKey(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return UnaryCall<CreateKeyRequest, CreateKeyResponse>::Start(
      context_, call, request, response,
      Parsed<CreateKeyRequest, CreateKeyResponse>(
          [this](const auto& received, Callback<CreateKeyResponse> done) {
            core_.CreateKey(received.caller, received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* AdminService::ListKeys(grpc::CallbackServerContext* call,
                                                 const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) {
  return UnaryCall<ListKeysRequest, ListKeysResponse>::Start(
      context_, call, request, response,
      Parsed<ListKeysRequest, ListKeysResponse>(
          [this](const auto& received, Callback<ListKeysResponse> done) {
            core_.ListKeys(received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* AdminService::RotateKey(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return UnaryCall<RotateKeyRequest, RotateKeyResponse>::Start(
      context_, call, request, response,
      Parsed<RotateKeyRequest, RotateKeyResponse>(
          [this](const auto& received, Callback<RotateKeyResponse> done) {
            core_.RotateKey(received.caller, received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* AdminService::RevokeKey(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return UnaryCall<RevokeKeyRequest, ApiKey>::Start(
      context_, call, request, response,
      Parsed<RevokeKeyRequest, ApiKey>([this](const auto& received, Callback<ApiKey> done) {
        core_.RevokeKey(received.caller, received.request, std::move(done));
      }));
}

}  // namespace darkroom::server
