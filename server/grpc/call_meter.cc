#include "server/grpc/call_meter.h"

#include <grpcpp/support/status.h>

#include <chrono>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/metrics/names.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace darkroom::server {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::ServerRpcInfo;

constexpr absl::string_view kOtherMethods = "other";

// "UNKNOWN" of what is no code.
std::string CodeName(grpc::StatusCode code) {
  std::string name = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
  return name.empty() ? "UNKNOWN" : name;
}

// Empty where there is none: gRPC's own errors have no details.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status wire;
  if (status.error_details().empty() || !wire.ParseFromString(status.error_details())) return "";
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

// Of one call.
class MeteredCall : public grpc::experimental::Interceptor {
 public:
  // `method` lives as long as the server.
  MeteredCall(metrics::Registry& registry, absl::string_view method, bool is_stream)
      : registry_(registry), method_(method), is_stream_(is_stream) {
    registry_.Add(metrics::kCallsStarted, 1, method_);
    if (is_stream_) registry_.Change(metrics::kOpenStreams, 1, method_);
  }
  // One that was never answered: the server broke it off.
  ~MeteredCall() override {
    if (!answered_) NoteAnswer(grpc::Status::CANCELLED);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      NoteAnswer(batch->GetSendStatus());
    }
    batch->Proceed();
  }

 private:
  void NoteAnswer(const grpc::Status& status) {
    answered_ = true;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    registry_.Observe(metrics::kCallSeconds, elapsed.count(), method_,
                      CodeName(status.error_code()));
    if (is_stream_) registry_.Change(metrics::kOpenStreams, -1, method_);
    if (status.ok()) return;
    const std::string reason = ReasonOf(status);
    if (!reason.empty()) registry_.Add(metrics::kRefusals, 1, reason);
  }

  metrics::Registry& registry_;
  const absl::string_view method_;
  const bool is_stream_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool answered_ = false;
};

}  // namespace

grpc::experimental::Interceptor* CallMeter::CreateServerInterceptor(ServerRpcInfo* info) {
  const absl::string_view method = absl::StripPrefix(info->method(), "/");
  const auto known = methods_.find(method);
  const bool has = known != methods_.end();
  return new MeteredCall(registry_, has ? absl::string_view(*known) : kOtherMethods,
                         has && info->type() != ServerRpcInfo::Type::UNARY);
}

std::set<std::string, std::less<>> MethodsOf(const std::vector<std::string>& services) {
  std::set<std::string, std::less<>> methods;
  for (const std::string& name : services) {
    const google::protobuf::ServiceDescriptor* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      methods.insert(absl::StrCat(name, "/", service->method(i)->name()));
    }
  }
  return methods;
}

}  // namespace darkroom::server
