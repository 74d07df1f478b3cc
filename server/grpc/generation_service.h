#ifndef DARKROOM_SERVER_GRPC_GENERATION_SERVICE_H_
#define DARKROOM_SERVER_GRPC_GENERATION_SERVICE_H_

#include <memory>

#include "common/trace/tracer.h"
#include "darkroom/v1/generation_service.grpc.pb.h"
#include "server/core/generation_core.h"
#include "server/core/open_streams.h"
#include "server/grpc/call.h"

namespace darkroom::server {

namespace internal {

using GenerationStub = darkroom::v1::GenerationService;
// Requests come as bytes: see call.h.
using RawGenerationService = GenerationStub::WithRawCallbackMethod_GenerateImage<
    GenerationStub::WithRawCallbackMethod_CreateJob<GenerationStub::WithRawCallbackMethod_WatchJob<
        GenerationStub::WithRawCallbackMethod_GetJob<GenerationStub::WithRawCallbackMethod_ListJobs<
            GenerationStub::WithRawCallbackMethod_CancelJob<GenerationStub::Service>>>>>>;

}  // namespace internal

// darkroom.v1.GenerationService over gRPC. Everything but the transport is in GenerationCore and
// JobStream.
class GenerationService final : public internal::RawGenerationService {
 public:
  // `streams` outlives the service.
  GenerationService(const CallContext& context, std::shared_ptr<GenerationCore> core,
                    OpenStreams& streams);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* GenerateImage(
      grpc::CallbackServerContext* call, const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchJob(grpc::CallbackServerContext* call,
                                                       const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* CreateJob(grpc::CallbackServerContext* call,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* call,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* call,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;

 private:
  const CallContext context_;
  const std::shared_ptr<GenerationCore> core_;
  OpenStreams& streams_;
  const trace::Tracer tracer_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_GENERATION_SERVICE_H_
