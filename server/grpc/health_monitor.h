#ifndef DARKROOM_SERVER_GRPC_HEALTH_MONITOR_H_
#define DARKROOM_SERVER_GRPC_HEALTH_MONITOR_H_

#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <memory>

#include "absl/time/time.h"
#include "server/admission/model_catalogue.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Keeps grpc.health.v1 true: SERVING while the store has answered within kUnreachable and the
// gateway does not drain; for the whole server ("") and for each service by name. Loop thread only,
// but for serving().
class HealthMonitor : public std::enable_shared_from_this<HealthMonitor> {
 public:
  static constexpr absl::Duration kUnreachable = absl::Seconds(5);
  static constexpr absl::Duration kTick = absl::Milliseconds(200);

  // `health` may be gone after Stop.
  HealthMonitor(Loop& loop, const ModelCatalogue& catalogue,
                grpc::HealthCheckServiceInterface& health)
      : loop_(loop), catalogue_(catalogue), health_(&health) {}

  void Start();
  // NOT_SERVING for good.
  void Stop();
  // What it says. Any thread may ask.
  bool serving() const { return serving_; }

 private:
  void Tick();
  void Report(bool serving);

  Loop& loop_;
  const ModelCatalogue& catalogue_;
  grpc::HealthCheckServiceInterface* health_;  // null once stopped
  std::atomic<bool> serving_ = false;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_HEALTH_MONITOR_H_
