#include "server/grpc/admin_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::ApiKey;
using darkroom::v1::CreateKeyRequest;
using darkroom::v1::CreateKeyResponse;
using darkroom::v1::ListAuditEntriesRequest;
using darkroom::v1::ListAuditEntriesResponse;
using darkroom::v1::ListDeadLettersRequest;
using darkroom::v1::ListDeadLettersResponse;
using darkroom::v1::ListKeysRequest;
using darkroom::v1::ListKeysResponse;
using darkroom::v1::RequeueDeadLetterRequest;
using darkroom::v1::RequeueDeadLetterResponse;
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

grpc::ServerUnaryReactor* AdminService::ListDeadLetters(grpc::CallbackServerContext* call,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return UnaryCall<ListDeadLettersRequest, ListDeadLettersResponse>::Start(
      context_, call, request, response,
      Parsed<ListDeadLettersRequest, ListDeadLettersResponse>(
          [this](const auto& received, Callback<ListDeadLettersResponse> done) {
            dead_letters_.ListDeadLetters(received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* AdminService::RequeueDeadLetter(grpc::CallbackServerContext* call,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return UnaryCall<RequeueDeadLetterRequest, RequeueDeadLetterResponse>::Start(
      context_, call, request, response,
      Parsed<RequeueDeadLetterRequest, RequeueDeadLetterResponse>(
          [this](const auto& received, Callback<RequeueDeadLetterResponse> done) {
            dead_letters_.RequeueDeadLetter(received.caller, received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* AdminService::ListAuditEntries(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return UnaryCall<ListAuditEntriesRequest, ListAuditEntriesResponse>::Start(
      context_, call, request, response,
      Parsed<ListAuditEntriesRequest, ListAuditEntriesResponse>(
          [this](const auto& received, Callback<ListAuditEntriesResponse> done) {
            audit_.ListAuditEntries(received.request, std::move(done));
          }));
}

}  // namespace darkroom::server
