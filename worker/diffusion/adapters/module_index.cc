#include "worker/diffusion/adapters/module_index.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "worker/diffusion/adapters/original_names.h"

namespace darkroom::diffusion {
namespace {

constexpr Component kComponents[] = {Component::kUNet, Component::kTextEncoder,
                                     Component::kTextEncoder2};

// Files and models differ in whether the text model's own name is in front.
std::string Normalized(Component component, absl::string_view name) {
  std::string spelled = absl::StrReplaceAll(name, {{".", "_"}});
  if (component == Component::kUNet) return spelled;
  return std::string(absl::StripPrefix(spelled, "text_model_"));
}

// The name that diffusers' attention processors gave a projection before it took PEFT's names;
// empty for a module that is none. "attn1.to_out.0" was "attn1.processor.to_out",
// "self_attn.q_proj" was "self_attn.to_q".
std::string ProcessorName(const AdaptableModule& module) {
  if (module.component == Component::kUNet) {
    for (const absl::string_view attention : {".attn1.", ".attn2."}) {
      if (!absl::StrContains(module.name, attention)) continue;
      return std::string(absl::StripSuffix(
          absl::StrReplaceAll(module.name, {{attention, absl::StrCat(attention, "processor.")}}),
          ".0"));
    }
    return "";
  }
  if (!absl::StrContains(module.name, "self_attn.")) return "";
  return absl::StrReplaceAll(module.name, {{"self_attn.q_proj", "self_attn.to_q"},
                                           {"self_attn.k_proj", "self_attn.to_k"},
                                           {"self_attn.v_proj", "self_attn.to_v"},
                                           {"self_attn.out_proj", "self_attn.to_out"}});
}

}  // namespace

ModuleIndex::ModuleIndex(std::vector<AdaptableModule> modules) : modules_(std::move(modules)) {
  std::vector<std::string> unet;
  for (const AdaptableModule& module : modules_) {
    if (module.component == Component::kUNet) unet.push_back(module.name);
  }
  const OriginalUNetNames originals(unet);
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    const AdaptableModule& module = modules_[i];
    AddSpelling(module.component, module.name, i);
    AddSpelling(module.component, ProcessorName(module), i);
    if (module.component != Component::kUNet) continue;
    AddSpelling(module.component, originals.Of(module.name), i);
    if (absl::EndsWith(module.name, "attn2.to_k")) context_width_ = module.shape[1];
  }
}

void ModuleIndex::AddSpelling(Component component, absl::string_view name, std::size_t module) {
  if (!name.empty()) spellings_.emplace(Spelling(component, Normalized(component, name)), module);
}

std::vector<std::size_t> ModuleIndex::Find(std::optional<Component> component,
                                           absl::string_view path) const {
  std::vector<std::size_t> found;
  for (const Component candidate : kComponents) {
    if (component.has_value() && component != candidate) continue;
    const auto place = spellings_.find(Spelling(candidate, Normalized(candidate, path)));
    if (place != spellings_.end()) found.push_back(place->second);
  }
  return found;
}

}  // namespace darkroom::diffusion
