#include "server/grpc/account_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::Account;
using darkroom::v1::GetAccountRequest;

grpc::ServerUnaryReactor* AccountService::GetAccount(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return UnaryCall<GetAccountRequest, Account>::Start(
      context_, call, request, response,
      Parsed<GetAccountRequest, Account>([this](const auto& received, Callback<Account> done) {
        core_.GetAccount(received.caller, received.request, std::move(done));
      }));
}

}  // namespace darkroom::server
