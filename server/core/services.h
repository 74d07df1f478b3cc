#ifndef DARKROOM_SERVER_CORE_SERVICES_H_
#define DARKROOM_SERVER_CORE_SERVICES_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/admission/model_catalogue.h"
#include "server/admission/request_check.h"
#include "server/auth/stored_keys.h"
#include "server/core/account_core.h"
#include "server/core/audit_trail.h"
#include "server/core/dead_letter_core.h"
#include "server/core/fleet_core.h"
#include "server/core/fleet_watch.h"
#include "server/core/generation_core.h"
#include "server/core/image_reader.h"
#include "server/core/key_core.h"
#include "server/core/loop.h"
#include "server/core/model_core.h"
#include "server/core/open_streams.h"
#include "server/core/ports.h"
#include "server/core/prompt_core.h"
#include "server/core/request_gate.h"
#include "server/core/wait_promises.h"

namespace darkroom::server {

// All that a gateway does, over one set of ports and without a transport: gRPC and HTTP call the
// same. Made and destroyed by one thread that is not the loop's; everything else on the loop.
struct Services {
  struct Options {
    std::string default_model;  // empty: the only model, if there is just one
    RequestCheck::Options requests;
    GenerationCore::Options generation;
    std::shared_ptr<StoredKeys> keys;                   // that AdminService manages; null: none
    absl::Duration slowest_reader = absl::Seconds(30);  // for one event; then it is cut
  };

  // The loop and the ports outlive it.
  Services(Loop& loop, const Ports& ports, Options options);

  // Begins to watch models and fleet.
  void Start();

  const std::shared_ptr<ModelCatalogue> catalogue;
  const std::shared_ptr<ImageReader> images;
  const std::shared_ptr<FleetWatch> workers;
  const std::shared_ptr<WaitPromises> promises;
  const std::shared_ptr<RequestCheck> requests;
  RequestGate gate;
  const std::shared_ptr<GenerationCore> core;
  const AccountCore account;
  ModelCore models;
  const std::shared_ptr<PromptCore> prompts;
  const std::shared_ptr<AuditTrail> audit;
  const std::shared_ptr<KeyCore> keys;
  const std::shared_ptr<DeadLetterCore> dead_letters;
  const std::shared_ptr<FleetCore> fleet;
  OpenStreams streams;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_SERVICES_H_
