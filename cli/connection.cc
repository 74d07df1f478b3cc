#include "cli/connection.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/rpc_status.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "common/trace/trace_context.h"
#include "darkroom/v1/admin_service.grpc.pb.h"
#include "darkroom/v1/fleet_service.grpc.pb.h"
#include "darkroom/v1/generation_service.grpc.pb.h"
#include "darkroom/v1/model_service.grpc.pb.h"
#include "darkroom/v1/prompt_service.grpc.pb.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kMaxKeyBytes = 4096;
constexpr absl::Duration kUnaryTimeout = absl::Seconds(15);
constexpr char kTraceparent[] = "traceparent";
constexpr int kFirstReconnectMs = 100;
constexpr int kSlowestReconnectMs = 2000;

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details()) || rich.code() == 0) {
    rich.set_code(static_cast<int>(status.error_code()));
    rich.set_message(status.error_message());
  }
  return FromRpcStatus(rich);
}

// Sets up the context of every call.
class Caller {
 public:
  Caller(std::string key, std::string traceparent)
      : key_(std::move(key)), traceparent_(std::move(traceparent)) {}

  void Prepare(grpc::ClientContext& context, absl::Time deadline) const {
    if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
    if (!key_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", key_));
    if (!traceparent_.empty()) context.AddMetadata(kTraceparent, traceparent_);
  }

  template <typename Response, typename Call>
  absl::StatusOr<Response> Unary(Call&& call) const {
    grpc::ClientContext context;
    Prepare(context, absl::Now() + kUnaryTimeout);
    Response response;
    DARKROOM_RETURN_IF_ERROR(FromGrpc(call(&context, &response)));
    return response;
  }

 private:
  std::string key_;
  std::string traceparent_;
};

class GrpcEventReader final : public EventReader {
 public:
  bool Read(v1::JobEvent& event) override { return stream->Read(&event); }
  std::string trace_id() const override {
    const auto& metadata = context.GetServerInitialMetadata();
    const auto found = metadata.find(kTraceparent);
    if (found == metadata.end()) return "";
    return std::string(trace::TraceIdOf({found->second.data(), found->second.size()}));
  }
  absl::Status Finish() override { return FromGrpc(stream->Finish()); }
  void Cancel() override { context.TryCancel(); }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::JobEvent>> stream;
};

class GrpcJobApi final : public JobApi {
 public:
  GrpcJobApi(const std::shared_ptr<grpc::Channel>& channel, const Caller& caller)
      : stub_(v1::GenerationService::NewStub(channel)), caller_(caller) {}

  std::unique_ptr<EventReader> Generate(const v1::GenerateImageRequest& request,
                                        absl::Time deadline) override {
    auto reader = std::make_unique<GrpcEventReader>();
    caller_.Prepare(reader->context, deadline);
    reader->stream = stub_->GenerateImage(&reader->context, request);
    return reader;
  }
  std::unique_ptr<EventReader> Watch(const v1::WatchJobRequest& request,
                                     absl::Time deadline) override {
    auto reader = std::make_unique<GrpcEventReader>();
    caller_.Prepare(reader->context, deadline);
    reader->stream = stub_->WatchJob(&reader->context, request);
    return reader;
  }
  absl::StatusOr<v1::Job> Create(const v1::CreateJobRequest& request) override {
    return caller_.Unary<v1::Job>([&](grpc::ClientContext* context, v1::Job* job) {
      return stub_->CreateJob(context, request, job);
    });
  }
  absl::StatusOr<v1::Job> Get(absl::string_view name) override {
    v1::GetJobRequest request;
    request.set_name(name.data(), name.size());
    return caller_.Unary<v1::Job>([&](grpc::ClientContext* context, v1::Job* job) {
      return stub_->GetJob(context, request, job);
    });
  }
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request) override {
    return caller_.Unary<v1::ListJobsResponse>(
        [&](grpc::ClientContext* context, v1::ListJobsResponse* response) {
          return stub_->ListJobs(context, request, response);
        });
  }
  absl::StatusOr<v1::Job> Cancel(absl::string_view name) override {
    v1::CancelJobRequest request;
    request.set_name(name.data(), name.size());
    return caller_.Unary<v1::Job>([&](grpc::ClientContext* context, v1::Job* job) {
      return stub_->CancelJob(context, request, job);
    });
  }

 private:
  std::unique_ptr<v1::GenerationService::Stub> stub_;
  const Caller& caller_;
};

// What calls are part of; empty: the server begins a trace.
std::string Traceparent(bool record) {
  const char* variable = std::getenv("TRACEPARENT");
  trace::TraceContext context =
      trace::ParseTraceparent(variable == nullptr ? absl::string_view() : variable);
  if (record && !context.valid()) {
    context = {.trace_id = RandomId(), .span_id = trace::NewSpanId()};
  }
  context.sampled = context.sampled || record;
  return trace::FormatTraceparent(context);
}

absl::StatusOr<std::string> ReadKey(const std::string& key_file) {
  if (key_file.empty()) {
    const char* key = std::getenv("DARKROOM_API_KEY");
    return std::string(key == nullptr ? "" : key);
  }
  DARKROOM_ASSIGN_OR_RETURN(std::string key, ReadFile(key_file, kMaxKeyBytes));
  absl::StripAsciiWhitespace(&key);
  for (const char c : key) {
    // A control character in a header makes gRPC abort.
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) key.clear();
  }
  if (key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(key_file, " does not hold an API key"));
  }
  return key;
}

}  // namespace

struct Connection::Impl {
  Impl(std::shared_ptr<grpc::Channel> to, Caller from)
      : channel(std::move(to)),
        caller(std::move(from)),
        jobs(channel, caller),
        models(v1::ModelService::NewStub(channel)),
        prompts(v1::PromptService::NewStub(channel)),
        admin(v1::AdminService::NewStub(channel)),
        fleet(v1::FleetService::NewStub(channel)),
        generic(channel) {}

  std::shared_ptr<grpc::Channel> channel;
  Caller caller;
  GrpcJobApi jobs;
  std::unique_ptr<v1::ModelService::Stub> models;
  std::unique_ptr<v1::PromptService::Stub> prompts;
  std::unique_ptr<v1::AdminService::Stub> admin;
  std::unique_ptr<v1::FleetService::Stub> fleet;
  grpc::GenericStub generic;
};

void ConnectionOptions::Declare(OptionParser& options) {
  options.Add({"server", "HOST:PORT", "the gateway; default " + server, "DARKROOM_SERVER"},
              &server);
  options.Add({"key_file", "FILE", "holds your API key; otherwise DARKROOM_API_KEY is used", ""},
              &key_file);
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(std::string key, ReadKey(options.key_file));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kSlowestReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kSlowestReconnectMs);
  auto channel =
      grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
  return std::unique_ptr<Connection>(new Connection(std::make_unique<Impl>(
      std::move(channel), Caller(std::move(key), Traceparent(options.trace)))));
}

JobApi& Connection::jobs() { return impl_->jobs; }

absl::StatusOr<v1::ListModelsResponse> Connection::ListModels(
    const v1::ListModelsRequest& request) {
  return impl_->caller.Unary<v1::ListModelsResponse>(
      [&](grpc::ClientContext* context, v1::ListModelsResponse* response) {
        return impl_->models->ListModels(context, request, response);
      });
}

absl::StatusOr<v1::ListAdaptersResponse> Connection::ListAdapters(
    const v1::ListAdaptersRequest& request) {
  return impl_->caller.Unary<v1::ListAdaptersResponse>(
      [&](grpc::ClientContext* context, v1::ListAdaptersResponse* response) {
        return impl_->models->ListAdapters(context, request, response);
      });
}

absl::StatusOr<v1::ListUpscalersResponse> Connection::ListUpscalers(
    const v1::ListUpscalersRequest& request) {
  return impl_->caller.Unary<v1::ListUpscalersResponse>(
      [&](grpc::ClientContext* context, v1::ListUpscalersResponse* response) {
        return impl_->models->ListUpscalers(context, request, response);
      });
}

std::string ModelName(absl::string_view name_or_id) {
  const bool whole = absl::StartsWith(name_or_id, "models/");
  return absl::StrCat(whole ? "" : "models/", name_or_id);
}

absl::StatusOr<v1::Model> Connection::GetModel(absl::string_view name_or_id) {
  v1::GetModelRequest request;
  request.set_name(ModelName(name_or_id));
  return impl_->caller.Unary<v1::Model>([&](grpc::ClientContext* context, v1::Model* response) {
    return impl_->models->GetModel(context, request, response);
  });
}

absl::StatusOr<v1::ExplainPromptResponse> Connection::ExplainPrompt(
    const v1::ExplainPromptRequest& request) {
  return impl_->caller.Unary<v1::ExplainPromptResponse>(
      [&](grpc::ClientContext* context, v1::ExplainPromptResponse* response) {
        return impl_->prompts->ExplainPrompt(context, request, response);
      });
}

absl::StatusOr<v1::ReadInfotextResponse> Connection::ReadInfotext(
    const v1::ReadInfotextRequest& request) {
  return impl_->caller.Unary<v1::ReadInfotextResponse>(
      [&](grpc::ClientContext* context, v1::ReadInfotextResponse* response) {
        return impl_->prompts->ReadInfotext(context, request, response);
      });
}

absl::StatusOr<v1::ListStylesResponse> Connection::ListStyles() {
  return impl_->caller.Unary<v1::ListStylesResponse>(
      [&](grpc::ClientContext* context, v1::ListStylesResponse* response) {
        return impl_->prompts->ListStyles(context, v1::ListStylesRequest(), response);
      });
}

absl::StatusOr<v1::CreateKeyResponse> Connection::CreateKey(const v1::CreateKeyRequest& request) {
  return impl_->caller.Unary<v1::CreateKeyResponse>(
      [&](grpc::ClientContext* context, v1::CreateKeyResponse* response) {
        return impl_->admin->CreateKey(context, request, response);
      });
}

absl::StatusOr<v1::ListKeysResponse> Connection::ListKeys(const v1::ListKeysRequest& request) {
  return impl_->caller.Unary<v1::ListKeysResponse>(
      [&](grpc::ClientContext* context, v1::ListKeysResponse* response) {
        return impl_->admin->ListKeys(context, request, response);
      });
}

absl::StatusOr<v1::RotateKeyResponse> Connection::RotateKey(const v1::RotateKeyRequest& request) {
  return impl_->caller.Unary<v1::RotateKeyResponse>(
      [&](grpc::ClientContext* context, v1::RotateKeyResponse* response) {
        return impl_->admin->RotateKey(context, request, response);
      });
}

absl::StatusOr<v1::ApiKey> Connection::RevokeKey(const v1::RevokeKeyRequest& request) {
  return impl_->caller.Unary<v1::ApiKey>([&](grpc::ClientContext* context, v1::ApiKey* response) {
    return impl_->admin->RevokeKey(context, request, response);
  });
}

absl::StatusOr<v1::ListDeadLettersResponse> Connection::ListDeadLetters(
    const v1::ListDeadLettersRequest& request) {
  return impl_->caller.Unary<v1::ListDeadLettersResponse>(
      [&](grpc::ClientContext* context, v1::ListDeadLettersResponse* response) {
        return impl_->admin->ListDeadLetters(context, request, response);
      });
}

absl::StatusOr<v1::RequeueDeadLetterResponse> Connection::RequeueDeadLetter(
    const v1::RequeueDeadLetterRequest& request) {
  return impl_->caller.Unary<v1::RequeueDeadLetterResponse>(
      [&](grpc::ClientContext* context, v1::RequeueDeadLetterResponse* response) {
        return impl_->admin->RequeueDeadLetter(context, request, response);
      });
}

absl::StatusOr<v1::ListAuditEntriesResponse> Connection::ListAuditEntries(
    const v1::ListAuditEntriesRequest& request) {
  return impl_->caller.Unary<v1::ListAuditEntriesResponse>(
      [&](grpc::ClientContext* context, v1::ListAuditEntriesResponse* response) {
        return impl_->admin->ListAuditEntries(context, request, response);
      });
}

absl::StatusOr<v1::ListWorkersResponse> Connection::ListWorkers() {
  return impl_->caller.Unary<v1::ListWorkersResponse>(
      [&](grpc::ClientContext* context, v1::ListWorkersResponse* response) {
        return impl_->fleet->ListWorkers(context, v1::ListWorkersRequest(), response);
      });
}

absl::StatusOr<v1::Fleet> Connection::GetFleet() {
  return impl_->caller.Unary<v1::Fleet>([&](grpc::ClientContext* context, v1::Fleet* response) {
    return impl_->fleet->GetFleet(context, v1::GetFleetRequest(), response);
  });
}

absl::StatusOr<v1::Worker> Connection::PauseWorker(const std::string& name) {
  v1::PauseWorkerRequest request;
  request.set_name(name);
  return impl_->caller.Unary<v1::Worker>([&](grpc::ClientContext* context, v1::Worker* response) {
    return impl_->fleet->PauseWorker(context, request, response);
  });
}

absl::StatusOr<v1::Worker> Connection::ResumeWorker(const std::string& name) {
  v1::ResumeWorkerRequest request;
  request.set_name(name);
  return impl_->caller.Unary<v1::Worker>([&](grpc::ClientContext* context, v1::Worker* response) {
    return impl_->fleet->ResumeWorker(context, request, response);
  });
}

absl::StatusOr<v1::Worker> Connection::DrainWorker(const std::string& name) {
  v1::DrainWorkerRequest request;
  request.set_name(name);
  return impl_->caller.Unary<v1::Worker>([&](grpc::ClientContext* context, v1::Worker* response) {
    return impl_->fleet->DrainWorker(context, request, response);
  });
}

absl::Status Connection::CheckHealth(absl::Duration timeout) {
  // HealthCheckRequest for the whole server is the empty message; SERVING is field 1 with value 1.
  // (gRPC's library has no generated client of its health service.)
  static constexpr absl::string_view kServing("\x08\x01", 2);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  grpc::ByteBuffer request;
  {
    const grpc::Slice empty("");
    request = grpc::ByteBuffer(&empty, 1);
  }
  grpc::ByteBuffer response;
  grpc::Status status;
  Notification done;
  impl_->generic.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request,
                           &response, [&](grpc::Status outcome) {
                             status = std::move(outcome);
                             done.Notify();
                           });
  done.WaitForNotification();
  DARKROOM_RETURN_IF_ERROR(FromGrpc(status));
  grpc::Slice slice;
  if (!response.DumpToSingleSlice(&slice).ok() ||
      absl::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size()) != kServing) {
    return absl::FailedPreconditionError("the gateway is not serving yet");
  }
  return absl::OkStatus();
}

}  // namespace darkroom::cli
