#include "worker/diffusion/adapters/adapter_family.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {
namespace {

struct Marker {
  absl::string_view part;
  absl::string_view family;
};

// Parts of names that only one family's modules have.
constexpr Marker kMarkers[] = {
    {"joint_blocks", "Stable Diffusion 3"},
    {"attn_add_k_proj", "Stable Diffusion 3"},
    {"attn.add_k_proj", "Stable Diffusion 3"},
    {"double_blocks", "Flux"},
    {"single_blocks", "Flux"},
    {"single_transformer_blocks", "Flux"},
};

// What reads the text, in all spellings.
bool ReadsText(absl::string_view name) {
  return absl::StrContains(name, "attn2") &&
         (absl::StrContains(name, "to_k") || absl::StrContains(name, "to_v"));
}

// An attention of the only text encoder of a model; where there are two, names say which.
bool ReadsTokens(absl::string_view name) {
  return absl::StartsWith(name, "lora_te_") && absl::StrContains(name, "q_proj");
}

// Of a tensor whose second dimension is its module's input.
bool HasInputs(absl::string_view name) {
  return absl::StrContains(name, "down.weight") || absl::StrContains(name, "lora_A") ||
         absl::EndsWith(name, "hada_w1_b") || absl::EndsWith(name, ".diff");
}

}  // namespace

std::string FamilyOfContextWidth(std::int64_t width) {
  switch (width) {
    case 768:
      return "Stable Diffusion 1.x";
    case 1024:
      return "Stable Diffusion 2.x";
    case 1280:
      return "the SDXL refiner";
    case 2048:
      return "SDXL";
    default:
      return "";
  }
}

std::string FamilyOfAdapterFile(const SafetensorsFile::Tensors& tensors) {
  for (const auto& [name, view] : tensors) {
    if (ReadsText(name) && HasInputs(name) && view.shape.size() >= 2) {
      return FamilyOfContextWidth(view.shape[1]);
    }
  }
  // A file of the text encoders alone, or of no UNet at all.
  bool second_encoder = false;
  for (const auto& [name, view] : tensors) {
    if (ReadsTokens(name) && HasInputs(name) && view.shape.size() >= 2) {
      return FamilyOfContextWidth(view.shape[1]);
    }
    for (const Marker& marker : kMarkers) {
      if (absl::StrContains(name, marker.part)) return std::string(marker.family);
    }
    second_encoder = second_encoder || absl::StartsWith(name, "lora_te2_") ||
                     absl::StartsWith(name, "text_encoder_2.");
  }
  return second_encoder ? "SDXL" : "";
}

}  // namespace darkroom::diffusion
