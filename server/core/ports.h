#ifndef DARKROOM_SERVER_CORE_PORTS_H_
#define DARKROOM_SERVER_CORE_PORTS_H_

#include "scheduler/core/audit_log.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/key_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/promise_meter.h"
#include "scheduler/core/request_limiter.h"
#include "scheduler/core/result_store.h"

namespace darkroom::server {

// The store as the gateway sees it. The ports outlive everything that is given them.
struct Ports {
  scheduler::JobQueue& queue;
  scheduler::EventBus& events;
  scheduler::ResultStore& results;
  scheduler::ModelRegistry& models;
  scheduler::KeyStore& keys;
  scheduler::RequestLimiter& requests;
  scheduler::DeadLetters& dead_letters;
  scheduler::AuditLog& audit;
  scheduler::Fleet& fleet;
  scheduler::PromiseMeter& promises;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_PORTS_H_
