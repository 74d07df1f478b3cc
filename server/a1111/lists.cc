#include "server/a1111/lists.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "naming/sampler_names.h"
#include "server/a1111/image_request.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;

template <typename NamesOf>
bool AllHave(const Models& models, absl::string_view name, NamesOf names_of) {
  return absl::c_all_of(models, [&](const auto& model) {
    return absl::c_linear_search(names_of(model.second), name);
  });
}

// As requests name it: "SGM Uniform" is "sgm_uniform".
std::string ScheduleId(absl::string_view label) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(label), {{" ", "_"}});
}

// Width of a vector of an embedding: that of the family's text encoders together.
int VectorWidth(v1::ModelFamily family) {
  switch (family) {
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_2:
      return 1024;
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_XL:
      return 2048;
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_XL_REFINER:
      return 1280;
    default:
      return 768;
  }
}

Value UpscalerValue(absl::string_view name, double scale) {
  return Object({{"name", Text(name)},
                 {"model_name", Null()},
                 {"model_path", Null()},
                 {"model_url", Null()},
                 {"scale", Number(scale)}});
}

}  // namespace

Value SamplersValue(const Models& models) {
  std::vector<Value> samplers;
  for (const naming::SamplerName& sampler : naming::Samplers()) {
    if (!AllHave(models, sampler.name, [](const auto& model) { return model.samplers(); })) {
      continue;
    }
    std::vector<Value> aliases;
    for (const absl::string_view alias : sampler.aliases) {
      if (!alias.empty()) aliases.push_back(Text(alias));
    }
    samplers.push_back(Object({{"name", Text(sampler.name)},
                               {"aliases", List(std::move(aliases))},
                               {"options", Object({})}}));
  }
  return List(std::move(samplers));
}

Value SchedulersValue(const Models& models) {
  std::vector<Value> schedules;
  for (const absl::string_view label : naming::Schedules()) {
    if (!AllHave(models, label, [](const auto& model) { return model.schedules(); })) continue;
    schedules.push_back(Object({{"name", Text(ScheduleId(label))},
                                {"label", Text(label)},
                                {"aliases", Null()},
                                {"default_rho", Number(-1)},
                                {"need_inner_model", Flag(false)}}));
  }
  return List(std::move(schedules));
}

Value CheckpointsValue(const Models& models) {
  std::vector<Value> checkpoints;
  for (const auto& [id, model] : models) {
    checkpoints.push_back(Object({{"title", Text(TitleOf(id, model))},
                                  {"model_name", Text(id)},
                                  {"hash", model.hash().empty() ? Null() : Text(model.hash())},
                                  {"sha256", Null()},
                                  {"filename", Text(id)},
                                  {"config", Null()}}));
  }
  return List(std::move(checkpoints));
}

Value UpscalersValue(const v1::ListUpscalersResponse& upscalers) {
  std::vector<Value> values = {UpscalerValue("None", 4)};
  for (const v1::Upscaler& upscaler : upscalers.upscalers()) {
    if (upscaler.kind() == v1::UPSCALER_KIND_LATENT) continue;
    values.push_back(UpscalerValue(upscaler.name(), upscaler.scale() == 0 ? 4 : upscaler.scale()));
  }
  return List(std::move(values));
}

Value LatentModesValue(const v1::ListUpscalersResponse& upscalers) {
  std::vector<Value> values;
  for (const v1::Upscaler& upscaler : upscalers.upscalers()) {
    if (upscaler.kind() != v1::UPSCALER_KIND_LATENT) continue;
    values.push_back(Object({{"name", Text(upscaler.name())}}));
  }
  return List(std::move(values));
}

Value LorasValue(const v1::ListAdaptersResponse& adapters) {
  std::vector<Value> loras;
  for (const v1::Adapter& adapter : adapters.adapters()) {
    if (adapter.kind() != v1::ADAPTER_KIND_LORA) continue;
    loras.push_back(
        Object({{"name", Text(adapter.name())},
                {"alias", Text(adapter.alias().empty() ? adapter.name() : adapter.alias())},
                {"path", Text(adapter.name())},
                {"metadata", Object({})}}));
  }
  return List(std::move(loras));
}

Value EmbeddingsValue(const v1::ListAdaptersResponse& adapters) {
  Value loaded = Object({});
  for (const v1::Adapter& adapter : adapters.adapters()) {
    if (adapter.kind() != v1::ADAPTER_KIND_EMBEDDING) continue;
    (*loaded.mutable_struct_value()->mutable_fields())[adapter.name()] =
        Object({{"step", Null()},
                {"sd_checkpoint", Null()},
                {"sd_checkpoint_name", Null()},
                {"shape", Number(VectorWidth(adapter.family()))},
                {"vectors", Number(adapter.vectors())}});
  }
  return Object({{"loaded", loaded}, {"skipped", Object({})}});
}

Value StylesValue(const v1::ListStylesResponse& styles) {
  std::vector<Value> values;
  for (const v1::Style& style : styles.styles()) {
    values.push_back(Object({{"name", Text(style.name())},
                             {"prompt", Text(style.prompt())},
                             {"negative_prompt", Text(style.negative_prompt())}}));
  }
  return List(std::move(values));
}

}  // namespace darkroom::server::a1111
