#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_INDEX_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// The networks of a model that adapters change.
enum class Component { kUNet, kTextEncoder, kTextEncoder2 };

// A linear or convolution of a model.
struct AdaptableModule {
  Component component = Component::kUNet;
  // As the model loads its weight, in diffusers' and transformers' spelling, below the component:
  // "mid_block.attentions.0.proj_in", "text_model.encoder.layers.0.mlp.fc1".
  std::string name;
  std::vector<std::int64_t> shape;  // of the weight: [out, in] or [out, in, height, width]
};

// All modules of one model that an adapter may name, found by every spelling that files use. Names
// are looked up whole, so that nothing is guessed of which underscores were dots. Immutable.
class ModuleIndex {
 public:
  explicit ModuleIndex(std::vector<AdaptableModule> modules);

  const std::vector<AdaptableModule>& modules() const { return modules_; }

  // Places in modules() of what `path` names in a component, or in any where none is given: one, or
  // none, or several where the path does not say which component it means. Known are, with dots or
  // with underscores: diffusers' names, its attention processors' ("attn1.processor.to_q",
  // "self_attn.to_q"), and the original UNet's ("input_blocks.4.1.proj_in").
  std::vector<std::size_t> Find(std::optional<Component> component, absl::string_view path) const;

  // Channels of the text that the UNet attends to; 0 where it has no cross-attention.
  std::int64_t context_width() const { return context_width_; }

 private:
  using Spelling = std::pair<Component, std::string>;  // underscores for dots

  void AddSpelling(Component component, absl::string_view name, std::size_t module);

  std::vector<AdaptableModule> modules_;
  absl::flat_hash_map<Spelling, std::size_t> spellings_;
  std::int64_t context_width_ = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_MODULE_INDEX_H_
