#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_NETWORK_SCOPE_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_NETWORK_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/diffusion/adapters/adapter.h"
#include "worker/diffusion/adapters/module_index.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// What adapters change of a model, in the order that it is loaded. A module's place in both lists
// is what it is called by afterwards.
struct LoadedModules {
  std::vector<AdaptableModule> modules;
  std::vector<Placement> placements;  // weights share memory with the model's operations
};

// The weights of a network below a name, and where it notes its modules while it loads. Everything
// pointed to outlives it.
class NetworkScope : public WeightScope {
 public:
  // Of a network that no adapter changes.
  explicit NetworkScope(WeightScope weights) : WeightScope(std::move(weights)) {}
  NetworkScope(WeightScope weights, Component component, LoadedModules* modules)
      : WeightScope(std::move(weights)), component_(component), modules_(modules) {}

  NetworkScope Sub(absl::string_view name) const {
    return {WeightScope::Sub(name), component_, modules_};
  }
  NetworkScope Sub(absl::string_view name, int index) const {
    return {WeightScope::Sub(name, index), component_, modules_};
  }

  // Notes the module of this name, whose weight is stored with `shape`, and returns its place; 0,
  // which nobody asks for, in a network that no adapter changes.
  std::size_t Note(std::vector<std::int64_t> shape, Placement placement) const;

 private:
  Component component_ = Component::kUNet;
  LoadedModules* modules_ = nullptr;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_NETWORK_SCOPE_H_
