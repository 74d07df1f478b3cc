#include "worker/diffusion/adapters/adapter_key.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom::diffusion {
namespace {

struct Ending {
  absl::string_view spelled;
  absl::string_view field;
};

constexpr Ending kEndings[] = {
    {".lora_up.weight", "lora_up"},
    {".lora_down.weight", "lora_down"},
    {".lora_mid.weight", "lora_mid"},
    {".lora_B.weight", "lora_up"},
    {".lora_A.weight", "lora_down"},
    {".lora_B.default.weight", "lora_up"},
    {".lora_A.default.weight", "lora_down"},
    {".lora.up.weight", "lora_up"},
    {".lora.down.weight", "lora_down"},
    {"_lora.up.weight", "lora_up"},
    {"_lora.down.weight", "lora_down"},
    {".lora_linear_layer.up.weight", "lora_up"},
    {".lora_linear_layer.down.weight", "lora_down"},
    {".alpha", "alpha"},
    {".dora_scale", "dora_scale"},
    {".lora_magnitude_vector", "lora_magnitude_vector"},
    {".lora_magnitude_vector.weight", "lora_magnitude_vector"},
    {".lora_magnitude_vector.default.weight", "lora_magnitude_vector"},
    {".hada_w1_a", "hada_w1_a"},
    {".hada_w1_b", "hada_w1_b"},
    {".hada_w2_a", "hada_w2_a"},
    {".hada_w2_b", "hada_w2_b"},
    {".hada_t1", "hada_t1"},
    {".hada_t2", "hada_t2"},
    {".lokr_w1", "lokr_w1"},
    {".lokr_w1_a", "lokr_w1_a"},
    {".lokr_w1_b", "lokr_w1_b"},
    {".lokr_w2", "lokr_w2"},
    {".lokr_w2_a", "lokr_w2_a"},
    {".lokr_w2_b", "lokr_w2_b"},
    {".lokr_t2", "lokr_t2"},
    {".diff", "diff"},
    {".diff_b", "diff_b"},
};

// What is known and refused. A part of a key, not only its end.
struct Unsupported {
  absl::string_view part;
  absl::string_view kind;
};

constexpr Unsupported kUnsupported[] = {
    {".oft_", "OFT"},
    {".boft_", "BOFT"},
    {".a1.weight", "GLoRA"},
    {".a2.weight", "GLoRA"},
    {".b1.weight", "GLoRA"},
    {".b2.weight", "GLoRA"},
    {".on_input", "IA3"},
    {".ia3_l", "IA3"},
    {".w_norm", "a change of a norm"},
    {".b_norm", "a change of a norm"},
    {".vera_lambda_", "VeRA"},
    {".lora_embedding_", "LoRA of a token embedding"},
    {".lora_B.bias", "LoRA with a bias"},
    {"bundle_emb.", "an embedding bundled with a LoRA"},
};

struct Beginning {
  absl::string_view spelled;
  std::optional<Component> component;
};

constexpr Beginning kBeginnings[] = {
    {"lora_unet_", Component::kUNet},
    {"lora_te_", Component::kTextEncoder},
    {"lora_te1_", Component::kTextEncoder},
    {"lora_te2_", Component::kTextEncoder2},
    {"unet.", Component::kUNet},
    {"text_encoder.", Component::kTextEncoder},
    {"text_encoder_2.", Component::kTextEncoder2},
    {"diffusion_model.", Component::kUNet},
    {"lycoris_", std::nullopt},
};

absl::Status NoAdapter(absl::string_view key) {
  for (const Unsupported& unsupported : kUnsupported) {
    if (absl::StrContains(key, unsupported.part)) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor '", key, "' is ", unsupported.kind,
                       ", which is not supported: LoRA, LoCon, LoHa, LoKr, DoRA and full "
                       "differences of linear layers and convolutions are"));
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("tensor '", key, "' is no part of any known kind of adapter"));
}

}  // namespace

absl::StatusOr<AdapterKey> ParseAdapterKey(absl::string_view key) {
  AdapterKey parsed;
  absl::string_view path = key;
  for (const Ending& ending : kEndings) {
    if (!absl::ConsumeSuffix(&path, ending.spelled)) continue;
    parsed.field = std::string(ending.field);
    break;
  }
  if (parsed.field.empty()) return NoAdapter(key);
  for (const Beginning& beginning : kBeginnings) {
    if (!absl::ConsumePrefix(&path, beginning.spelled)) continue;
    parsed.component = beginning.component;
    break;
  }
  absl::ConsumePrefix(&path, "base_model.model.");
  parsed.path = std::string(path);
  return parsed;
}

}  // namespace darkroom::diffusion
