#include "server/grpc/health_monitor.h"

#include "common/log.h"
#include "darkroom/v1/admin_service.grpc.pb.h"
#include "darkroom/v1/generation_service.grpc.pb.h"
#include "darkroom/v1/model_service.grpc.pb.h"
#include "darkroom/v1/prompt_service.grpc.pb.h"

namespace darkroom::server {

void HealthMonitor::Start() {
  Report(false);
  Tick();
}

void HealthMonitor::Stop() {
  if (health_ == nullptr) return;
  Report(false);
  health_ = nullptr;
}

void HealthMonitor::Tick() {
  if (health_ == nullptr) return;
  const bool serving = loop_.clock().Now() - catalogue_.last_success() <= kUnreachable;
  if (serving != serving_) {
    log::Info(serving ? "serving" : "not serving: the job store cannot be reached");
    Report(serving);
  }
  loop_.PostAfter(kTick, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Tick();
  });
}

void HealthMonitor::Report(bool serving) {
  serving_ = serving;
  health_->SetServingStatus(serving);  // the empty name too
  for (const char* name : {darkroom::v1::GenerationService::service_full_name(),
                           darkroom::v1::ModelService::service_full_name(),
                           darkroom::v1::PromptService::service_full_name(),
                           darkroom::v1::AdminService::service_full_name()}) {
    health_->SetServingStatus(name, serving);
  }
}

}  // namespace darkroom::server
