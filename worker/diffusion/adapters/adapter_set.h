#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_SET_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_SET_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adapter.h"
#include "worker/diffusion/adapters/module_index.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// Everything that one adapter file changes of a model. Immutable, usable from any thread.
class AdapterSet {
 public:
  // Reads all of the file, in float32 on the CPU. INVALID_ARGUMENT names the file, and the tensor
  // where it is one's fault: a kind that is not supported, tensors of no module of this model (and
  // for which family of models the file looks made), tensors that are missing, superfluous or of
  // shapes that do not fit, values that are not finite.
  static absl::StatusOr<AdapterSet> Load(SafetensorsFile file, const ModuleIndex& modules);

  // `module`: a place in the index's modules(). Null where the file leaves the module alone.
  const Adapter* Find(std::size_t module) const { return adapters_[module].get(); }

 private:
  explicit AdapterSet(std::vector<std::unique_ptr<const Adapter>> adapters)
      : adapters_(std::move(adapters)) {}

  std::vector<std::unique_ptr<const Adapter>> adapters_;  // by module
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_SET_H_
