#ifndef DARKROOM_WORKER_ENGINE_ADAPTER_LIST_H_
#define DARKROOM_WORKER_ENGINE_ADAPTER_LIST_H_

#include <string>
#include <vector>

#include "worker/engine/adapter_catalogue.h"

namespace darkroom::worker {

// The bytes of the darkroom.internal.v1.AdapterList of these adapters, for whoever checks requests;
// empty for none. Where all that is known of them would not fit into scheduler::kMaxDocumentBytes,
// as of thousands with long captions, trigger words are left out.
std::string MakeAdapterList(const std::vector<FoundAdapter>& adapters);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_ADAPTER_LIST_H_
