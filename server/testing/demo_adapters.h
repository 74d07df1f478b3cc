#ifndef DARKROOM_SERVER_TESTING_DEMO_ADAPTERS_H_
#define DARKROOM_SERVER_TESTING_DEMO_ADAPTERS_H_

#include <string>

#include "darkroom/internal/v1/adapter_list.pb.h"

namespace darkroom::server {

// A list of adapters as a worker publishes it: the LoRA "detail" (alias "detail_v2") and the
// embedding "bad" of 3 vectors are for the demo model, "xl" and "xl_hands" for SDXL, "flux" for no
// model here, and "untold" does not tell. The upscaler "RealESRGAN_x4plus" (alias "R-ESRGAN 4x+")
// makes pictures four times as large with 17,926,848 multiply-adds a pixel.
inline std::string DemoAdapterList() {
  darkroom::internal::v1::AdapterList list;
  list.set_version(1);
  const auto add = [&list](darkroom::v1::AdapterKind kind, const std::string& name,
                           darkroom::v1::ModelFamily family, const std::string& made_for) {
    auto& listed = *list.add_adapters();
    listed.set_made_for(made_for);
    listed.mutable_adapter()->set_kind(kind);
    listed.mutable_adapter()->set_name(name);
    listed.mutable_adapter()->set_family(family);
    return listed.mutable_adapter();
  };
  constexpr auto kLora = darkroom::v1::ADAPTER_KIND_LORA;
  constexpr auto kEmbedding = darkroom::v1::ADAPTER_KIND_EMBEDDING;
  constexpr auto kOne = darkroom::v1::MODEL_FAMILY_STABLE_DIFFUSION_1;
  constexpr auto kXl = darkroom::v1::MODEL_FAMILY_STABLE_DIFFUSION_XL;
  constexpr auto kNone = darkroom::v1::MODEL_FAMILY_UNSPECIFIED;
  darkroom::v1::Adapter* detail = add(kLora, "detail", kOne, "Stable Diffusion 1.x");
  detail->set_alias("detail_v2");
  detail->add_trigger_words("finely drawn");
  add(kLora, "flux", kNone, "Flux");
  add(kLora, "untold", kNone, "");
  add(kLora, "xl", kXl, "SDXL");
  add(kEmbedding, "bad", kOne, "Stable Diffusion 1.x")->set_vectors(3);
  add(kEmbedding, "xl_hands", kXl, "SDXL")->set_vectors(2);
  auto& upscaler = *list.add_upscalers();
  upscaler.set_operations_per_pixel(17'926'848);
  upscaler.mutable_upscaler()->set_kind(darkroom::v1::UPSCALER_KIND_NETWORK);
  upscaler.mutable_upscaler()->set_name("RealESRGAN_x4plus");
  upscaler.mutable_upscaler()->set_alias("R-ESRGAN 4x+");
  upscaler.mutable_upscaler()->set_scale(4);
  return list.SerializeAsString();
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_DEMO_ADAPTERS_H_
