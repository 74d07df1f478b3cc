#include "server/grpc/fleet_service.h"

#include <utility>

#include "server/grpc/unary_call.h"

namespace darkroom::server {

using darkroom::v1::DrainWorkerRequest;
using darkroom::v1::Fleet;
using darkroom::v1::GetFleetRequest;
using darkroom::v1::ListWorkersRequest;
using darkroom::v1::ListWorkersResponse;
using darkroom::v1::PauseWorkerRequest;
using darkroom::v1::ResumeWorkerRequest;
using darkroom::v1::Worker;
using scheduler::WorkerWish;

grpc::ServerUnaryReactor* FleetService::ListWorkers(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return UnaryCall<ListWorkersRequest, ListWorkersResponse>::Start(
      context_, call, request, response,
      Parsed<ListWorkersRequest, ListWorkersResponse>(
          [this](const auto&, Callback<ListWorkersResponse> done) {
            core_.ListWorkers(std::move(done));
          }));
}

grpc::ServerUnaryReactor* FleetService::PauseWorker(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return UnaryCall<PauseWorkerRequest, Worker>::Start(
      context_, call, request, response,
      Parsed<PauseWorkerRequest, Worker>([this](const auto& received, Callback<Worker> done) {
        core_.AskWorker(received.caller, "PauseWorker", received.request.name(), WorkerWish::kPause,
                        std::move(done));
      }));
}

grpc::ServerUnaryReactor* FleetService::ResumeWorker(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return UnaryCall<ResumeWorkerRequest, Worker>::Start(
      context_, call, request, response,
      Parsed<ResumeWorkerRequest, Worker>([this](const auto& received, Callback<Worker> done) {
        core_.AskWorker(received.caller, "ResumeWorker", received.request.name(),
                        WorkerWish::kServe, std::move(done));
      }));
}

grpc::ServerUnaryReactor* FleetService::DrainWorker(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return UnaryCall<DrainWorkerRequest, Worker>::Start(
      context_, call, request, response,
      Parsed<DrainWorkerRequest, Worker>([this](const auto& received, Callback<Worker> done) {
        core_.AskWorker(received.caller, "DrainWorker", received.request.name(), WorkerWish::kDrain,
                        std::move(done));
      }));
}

grpc::ServerUnaryReactor* FleetService::GetFleet(grpc::CallbackServerContext* call,
                                                 const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) {
  return UnaryCall<GetFleetRequest, Fleet>::Start(
      context_, call, request, response,
      Parsed<GetFleetRequest, Fleet>(
          [this](const auto&, Callback<Fleet> done) { core_.GetFleet(std::move(done)); }));
}

}  // namespace darkroom::server
