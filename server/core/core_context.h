#ifndef DARKROOM_SERVER_CORE_CORE_CONTEXT_H_
#define DARKROOM_SERVER_CORE_CORE_CONTEXT_H_

#include <memory>

#include "absl/time/time.h"
#include "server/admission/model_catalogue.h"
#include "server/core/image_reader.h"
#include "server/core/loop.h"
#include "server/core/ports.h"
#include "server/core/wait_promises.h"
#include "server/core/watch_pace.h"

namespace darkroom::server {

// What every part of the core needs. The loop and the ports outlive the core.
struct CoreContext {
  Loop& loop;
  Ports ports;
  std::shared_ptr<ModelCatalogue> catalogue;
  std::shared_ptr<ImageReader> images;
  std::shared_ptr<WaitPromises> promises;
  // A reader that takes longer for one event is cut.
  absl::Duration slowest_reader = absl::Seconds(30);
  std::shared_ptr<WatchPace> pace = std::make_shared<WatchPace>();  // of all watches of the core
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_CORE_CONTEXT_H_
