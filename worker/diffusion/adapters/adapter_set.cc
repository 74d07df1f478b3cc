#include "worker/diffusion/adapters/adapter_set.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "ATen/ops/full.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/adapter_family.h"
#include "worker/diffusion/adapters/adapter_key.h"
#include "worker/diffusion/adapters/finite_tensors.h"
#include "worker/diffusion/adapters/kinds.h"

namespace darkroom::diffusion {
namespace {

struct NamedKey {
  std::string name;  // in the file
  AdapterKey key;
};

std::vector<std::string> SortedNames(const SafetensorsFile::Tensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, view] : tensors) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<NamedKey>> ParseKeys(const SafetensorsFile::Tensors& tensors) {
  std::vector<NamedKey> keys;
  for (std::string& name : SortedNames(tensors)) {
    DARKROOM_ASSIGN_OR_RETURN(AdapterKey key, ParseAdapterKey(name));
    keys.push_back({std::move(name), std::move(key)});
  }
  if (keys.empty()) return absl::InvalidArgumentError("there are no tensors in it");
  return keys;
}

absl::StatusOr<std::size_t> FindModule(const NamedKey& named, const ModuleIndex& modules) {
  const std::vector<std::size_t> found = modules.Find(named.key.component, named.key.path);
  if (found.size() == 1) return found.front();
  return absl::InvalidArgumentError(absl::StrCat(
      "tensor '", named.name, "' belongs to ",
      found.empty() ? "no linear layer or convolution of this model"
                    : "the first or the second text encoder, and does not say to which"));
}

// Trainers store alpha as a whole number, too.
std::optional<std::int64_t> WholeNumber(const TensorView& view) {
  const std::size_t size = view.type == TensorType::kI64   ? sizeof(std::int64_t)
                           : view.type == TensorType::kI32 ? sizeof(std::int32_t)
                                                           : 0;
  if (size == 0 || view.bytes.size() != size) return std::nullopt;
  std::int64_t wide = 0;
  std::int32_t narrow = 0;
  std::memcpy(size == sizeof(wide) ? static_cast<void*>(&wide) : &narrow, view.bytes.data(), size);
  return size == sizeof(wide) ? wide : narrow;
}

absl::StatusOr<at::Tensor> Read(const NamedKey& named, FiniteTensors* tensors) {
  const auto number = WholeNumber(tensors->views().at(named.name));
  if (named.key.field == "alpha" && number.has_value()) {
    return at::full({1}, static_cast<double>(*number), at::kFloat);
  }
  return tensors->Read(named.name);
}

AdapterOr MakeAdapter(ModuleTensors* tensors, const WeightShape& shape) {
  const bool biased = tensors->Contains("diff_b");
  std::unique_ptr<const Adapter> adapter;
  if (tensors->Contains("lora_down") || tensors->Contains("lora_up")) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeLowRank(tensors, shape));
  } else if (tensors->Contains("hada_w1_b")) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeHadamard(tensors, shape));
  } else if (tensors->Contains("lokr_w1") || tensors->Contains("lokr_w1_b")) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeKronecker(tensors, shape));
  } else if (tensors->Contains("diff")) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeFullDifference(tensors, shape));
  } else if (!biased) {
    return absl::InvalidArgumentError("has parts of an adapter, and none whole");
  }
  if (adapter != nullptr &&
      (tensors->Contains("dora_scale") || tensors->Contains("lora_magnitude_vector"))) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeDora(tensors, shape, std::move(adapter)));
  }
  if (biased) {
    DARKROOM_ASSIGN_OR_RETURN(adapter, MakeBiased(tensors, shape, std::move(adapter)));
  }
  DARKROOM_RETURN_IF_ERROR(tensors->CheckAllTaken());
  return adapter;
}

// Inpainting and editing models see the latents first and more channels behind them. What was made
// for a plain model changes what they do with the latents.
AdapterOr MakeAdapterOf(const ModuleTensors& tensors, const AdaptableModule& module) {
  constexpr std::int64_t kLatentChannels = 4;
  WeightShape shape{.out = module.shape[0], .in = module.shape[1]};
  if (module.shape.size() == 4) {
    shape.height = module.shape[2];
    shape.width = module.shape[3];
  }
  ModuleTensors all = tensors;
  AdapterOr adapter = MakeAdapter(&all, shape);
  const bool wider = module.component == Component::kUNet && module.name == "conv_in" &&
                     shape.in > kLatentChannels;
  if (adapter.ok() || !wider) return adapter;
  shape.in = kLatentChannels;
  ModuleTensors again = tensors;
  AdapterOr plain = MakeAdapter(&again, shape);
  if (!plain.ok()) return adapter;
  return WithFirstInputs(kLatentChannels, *std::move(plain));
}

absl::StatusOr<std::vector<std::unique_ptr<const Adapter>>> LoadAll(
    const std::vector<NamedKey>& keys, const ModuleIndex& modules, FiniteTensors* file) {
  std::map<std::size_t, ModuleTensors> by_module;
  for (const NamedKey& named : keys) {
    DARKROOM_ASSIGN_OR_RETURN(const std::size_t module, FindModule(named, modules));
    DARKROOM_ASSIGN_OR_RETURN(at::Tensor tensor, Read(named, file));
    DARKROOM_RETURN_IF_ERROR(by_module[module].Add(named.key.field, named.name, std::move(tensor)));
  }
  std::vector<std::unique_ptr<const Adapter>> adapters(modules.modules().size());
  for (const auto& [place, tensors] : by_module) {
    const AdaptableModule& module = modules.modules()[place];
    AdapterOr adapter = MakeAdapterOf(tensors, module);
    if (!adapter.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("module '", module.name, "': ", adapter.status().message()));
    }
    adapters[place] = *std::move(adapter);
  }
  return adapters;
}

}  // namespace

absl::StatusOr<AdapterSet> AdapterSet::Load(SafetensorsFile file, const ModuleIndex& modules) {
  const std::string path = file.path();
  const std::string family = FamilyOfAdapterFile(file.tensors());
  const std::string own = FamilyOfContextWidth(modules.context_width());
  absl::StatusOr<std::vector<NamedKey>> keys = ParseKeys(file.tensors());
  if (!keys.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", keys.status().message()));
  }
  FiniteTensors tensors(std::move(file));
  auto adapters = LoadAll(*keys, modules, &tensors);
  if (adapters.ok()) return AdapterSet(*std::move(adapters));
  std::string hint;
  if (!family.empty() && family != own) {
    hint = absl::StrCat("; the file looks made for ", family);
    if (!own.empty()) absl::StrAppend(&hint, ", this model is ", own);
  }
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", adapters.status().message(), hint));
}

}  // namespace darkroom::diffusion
