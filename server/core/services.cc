#include "server/core/services.h"

#include <utility>

#include "server/core/tokenizer_cache.h"

namespace darkroom::server {

// In the order of the members: what comes later uses what comes earlier.
Services::Services(Loop& loop, const Ports& ports, Options options)
    : catalogue(std::make_shared<ModelCatalogue>(loop, ports.models, options.default_model)),
      images(std::make_shared<ImageReader>(loop, ports.results)),
      workers(std::make_shared<FleetWatch>(loop, ports.fleet, catalogue)),
      promises(std::make_shared<WaitPromises>(loop, ports.promises, catalogue, workers)),
      requests(std::make_shared<RequestCheck>(catalogue, MakeAdapterCache(loop, ports.models),
                                              std::move(options.requests))),
      gate(loop, ports.requests, options.generation.tiers),
      core(std::make_shared<GenerationCore>(
          CoreContext{loop, ports, catalogue, images, promises, options.slowest_reader}, gate,
          requests, options.generation)),
      account(options.generation.tiers),
      models(catalogue, requests->adapters()),
      prompts(std::make_shared<PromptCore>(requests, MakeTokenizerCache(loop, ports.models))),
      audit(std::make_shared<AuditTrail>(loop, ports.audit)),
      keys(std::make_shared<KeyCore>(loop, ports.keys, std::move(options.keys),
                                     std::move(options.generation.tiers), audit)),
      dead_letters(std::make_shared<DeadLetterCore>(loop, ports.dead_letters, ports.queue, audit)),
      fleet(std::make_shared<FleetCore>(loop, ports.fleet, ports.queue, ports.promises, audit)) {}

void Services::Start() {
  catalogue->Start();
  workers->Start();
  promises->Start();
}

}  // namespace darkroom::server
