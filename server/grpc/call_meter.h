#ifndef DARKROOM_SERVER_GRPC_CALL_METER_H_
#define DARKROOM_SERVER_GRPC_CALL_METER_H_

#include <grpcpp/support/server_interceptor.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/registry.h"

namespace darkroom::server {

// Has the calls of a gRPC server counted, by method: when they begin, and when they are answered,
// with the status, the time and, of an error, the reason of its ErrorInfo. A call of a method that
// the server does not have, whose name anybody can make up, is one of "other". Thread-safe.
class CallMeter : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // `methods`: those that the server has, as "darkroom.v1.GenerationService/CreateJob". The
  // registry outlives every call.
  CallMeter(metrics::Registry& registry, std::set<std::string, std::less<>> methods)
      : registry_(registry), methods_(std::move(methods)) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  metrics::Registry& registry_;
  const std::set<std::string, std::less<>> methods_;
};

// The methods of these services, as far as they are linked: "darkroom.v1.GenerationService".
std::set<std::string, std::less<>> MethodsOf(const std::vector<std::string>& services);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_CALL_METER_H_
