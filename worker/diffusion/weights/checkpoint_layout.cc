#include "worker/diffusion/weights/checkpoint_layout.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

using Tensors = SafetensorsFile::Tensors;

constexpr absl::string_view kUNet = "model.diffusion_model.";
constexpr absl::string_view kVae = "first_stage_model.";
constexpr absl::string_view kClip = "cond_stage_model.transformer.";
constexpr absl::string_view kOpenClip = "cond_stage_model.model.";
constexpr absl::string_view kFirstEmbedder = "conditioner.embedders.0.";
constexpr absl::string_view kSecondEmbedder = "conditioner.embedders.1.model.";

class Names {
 public:
  explicit Names(const Tensors& tensors) {
    for (const auto& [name, view] : tensors) sorted_.insert(name);
  }

  bool Has(absl::string_view name) const { return sorted_.contains(name); }
  bool AnyStartsWith(absl::string_view start) const {
    const auto found = sorted_.lower_bound(start);
    return found != sorted_.end() && absl::StartsWith(*found, start);
  }
  bool AnyContains(absl::string_view part) const {
    return std::any_of(sorted_.begin(), sorted_.end(),
                       [&](absl::string_view name) { return absl::StrContains(name, part); });
  }
  const std::set<absl::string_view>& sorted() const { return sorted_; }

 private:
  std::set<absl::string_view> sorted_;
};

// A mark of a kind of file that is no checkpoint of the families here.
struct Kind {
  absl::string_view mark;
  enum { kStart, kAnywhere } where;
  absl::string_view what;
};

// Models that have a UNet of the known form, or something on top of one.
constexpr Kind kRelatives[] = {
    {"control_model.", Kind::kStart, "a ControlNet, which steers a model and is none itself"},
    {"depth_model.", Kind::kStart, "a depth-to-image model, which is not supported"},
    {"embedder.model.visual.", Kind::kStart, "an unCLIP model, which is not supported"},
    {"cond_stage_model.model.visual.", Kind::kStart,
     "a model that is conditioned on pictures, not on text; it is not supported"},
    {"cc_projection.", Kind::kStart,
     "a model that is conditioned on pictures, not on text; it is not supported"},
    {"conditioner.embedders.0.open_clip.", Kind::kStart,
     "a Stable Video Diffusion model, which is not supported"},
    {".time_stack.", Kind::kAnywhere, "a video model, which is not supported"},
    {".motion_modules.", Kind::kAnywhere, "an AnimateDiff motion module, not a model"},
    {"edm_", Kind::kStart,
     "a model with EDM noise levels (Playground 2.5, CosXL), which are not "
     "supported"},
};

constexpr absl::string_view kLora =
    "a LoRA or another adapter, which changes a model and is none itself";

constexpr Kind kStrangers[] = {
    {".joint_blocks.", Kind::kAnywhere, "a Stable Diffusion 3 model, which is not supported"},
    {"joint_blocks.", Kind::kStart, "a Stable Diffusion 3 model, which is not supported"},
    {"double_blocks.", Kind::kAnywhere, "a FLUX model, which is not supported"},
    {"double_layers.", Kind::kAnywhere, "an AuraFlow model, which is not supported"},
    {"clip_txt_mapper.", Kind::kAnywhere, "a Stable Cascade model, which is not supported"},
    {"lora_", Kind::kStart, kLora},
    {"bundle_emb.", Kind::kStart, kLora},
    {".lora_A.", Kind::kAnywhere, kLora},
    {".lora_down.", Kind::kAnywhere, kLora},
    {".lora.down.", Kind::kAnywhere, kLora},
    {"_lora.down.", Kind::kAnywhere, kLora},
    {".hada_w1_a", Kind::kAnywhere, kLora},
    {".lokr_w1", Kind::kAnywhere, kLora},
    {".oft_", Kind::kAnywhere, kLora},
    {"controlnet_", Kind::kStart, "a ControlNet, which steers a model and is none itself"},
    {"zero_convs.", Kind::kStart, "a ControlNet, which steers a model and is none itself"},
    {"input_hint_block.", Kind::kStart, "a ControlNet, which steers a model and is none itself"},
    {"ip_adapter.", Kind::kStart, "an IP-Adapter, which steers a model and is none itself"},
    {"adapter.body.", Kind::kStart, "a T2I-Adapter, which steers a model and is none itself"},
    {"body.0.block1.", Kind::kStart, "a T2I-Adapter, which steers a model and is none itself"},
    {"emb_params", Kind::kStart, "a textual inversion embedding, not a model"},
    {"string_to_param", Kind::kStart, "a textual inversion embedding, not a model"},
    {"clip_l", Kind::kStart, "a textual inversion embedding, not a model"},
    {"clip_g", Kind::kStart, "a textual inversion embedding, not a model"},
    {"adaln_single.", Kind::kAnywhere, "a diffusion transformer, which is not supported"},
    {"adaLN_modulation.", Kind::kAnywhere, "a diffusion transformer, which is not supported"},
    {"encoder.block.0.layer.", Kind::kAnywhere, "a T5 text encoder, not a whole model"},
    {"text_model.", Kind::kStart, "a CLIP text encoder, not a whole model"},
    {"transformer.resblocks.", Kind::kStart, "an OpenCLIP text encoder, not a whole model"},
    {"conv_first.", Kind::kStart, "a picture upscaler, not a model"},
    {"params_ema.", Kind::kStart, "a picture upscaler, not a model"},
    {"model.1.sub.", Kind::kStart, "a picture upscaler, not a model"},
    {"down_blocks.", Kind::kStart,
     "the UNet of a diffusers model: name the folder that holds model_index.json"},
    {"input_blocks.", Kind::kStart, "a UNet without a text encoder, not a whole model"},
    {"diffusion_model.", Kind::kStart, "a UNet without a text encoder, not a whole model"},
};

bool Matches(const Names& names, const Kind& kind) {
  return kind.where == Kind::kStart ? names.AnyStartsWith(kind.mark) : names.AnyContains(kind.mark);
}

absl::Status LooksLike(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("looks like ", what));
}

// What a file without the UNet of a checkpoint is.
absl::Status DescribeStranger(const Tensors& tensors, const Names& names) {
  if (tensors.empty()) return LooksLike("an empty file: it has no tensors");
  for (const Kind& kind : kStrangers) {
    if (Matches(names, kind)) return LooksLike(kind.what);
  }
  if (IdentifyVae(tensors).ok()) {
    return LooksLike("a VAE, not a whole model: name it as the VAE of one");
  }
  if (tensors.size() == 1 && tensors.begin()->second.shape.size() <= 2) {
    return LooksLike("a textual inversion embedding, not a model");
  }
  std::string some;
  for (const absl::string_view known : names.sorted()) {
    if (some.size() > 100) break;
    absl::StrAppend(&some, some.empty() ? "" : ", ", known.substr(0, 60));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("is no Stable Diffusion checkpoint: no tensor is named ", kUNet,
                   "input_blocks.0.0.weight; its first are ", some));
}

absl::Status CheckChannels(const Tensors& tensors, const Names& names) {
  const std::vector<std::int64_t>& shape =
      tensors.at(absl::StrCat(kUNet, "input_blocks.0.0.weight")).shape;
  const std::int64_t channels = shape.size() == 4 ? shape[1] : 0;
  if (channels == 4 || channels == 8 || channels == 9) return absl::OkStatus();
  if (channels == 7 && names.AnyStartsWith(absl::StrCat(kUNet, "label_emb."))) {
    return LooksLike("Stable Diffusion's x4 upscaler, which is not supported");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("its UNet takes ", channels,
                   " channels; supported are 4, 8 (instruct-pix2pix) and 9 (inpainting)"));
}

// Fills in the family and the text encoders.
absl::Status FindTextEncoders(const Names& names, CheckpointLayout* layout) {
  const bool has_label = names.AnyStartsWith(absl::StrCat(kUNet, "label_emb."));
  const std::string first_clip = absl::StrCat(kFirstEmbedder, "transformer.");
  const std::string first_open_clip = absl::StrCat(kFirstEmbedder, "model.");
  const auto has_open_clip = [&](absl::string_view prefix) {
    return names.AnyStartsWith(absl::StrCat(prefix, "transformer.resblocks."));
  };
  if (names.AnyStartsWith(first_clip) && has_open_clip(kSecondEmbedder)) {
    layout->family = ModelFamily::kSdxl;
    layout->text_encoders = {{PartNaming::kClip, first_clip},
                             {PartNaming::kOpenClip, std::string(kSecondEmbedder)}};
  } else if (has_open_clip(first_open_clip)) {
    // Stability's generative-models writes SD 2 this way too, without the added vector.
    layout->family = has_label ? ModelFamily::kSdxlRefiner : ModelFamily::kSd2;
    layout->text_encoders = {{PartNaming::kOpenClip, first_open_clip}};
  } else if (has_open_clip(kOpenClip)) {
    layout->family = ModelFamily::kSd2;
    layout->text_encoders = {{PartNaming::kOpenClip, std::string(kOpenClip)}};
  } else if (names.AnyStartsWith(kClip)) {
    layout->family = ModelFamily::kSd1;
    layout->text_encoders = {{PartNaming::kClip, std::string(kClip)}};
  } else {
    return LooksLike("a UNet without a text encoder, not a whole model");
  }
  for (CheckpointPart& part : layout->text_encoders) {
    const bool spelled_out = part.naming == PartNaming::kClip &&
                             names.AnyStartsWith(absl::StrCat(part.prefix, "text_model."));
    if (spelled_out) absl::StrAppend(&part.prefix, "text_model.");
  }
  if (has_label == (AddedNumbers(layout->family) > 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "its text encoders are those of ", FamilyName(layout->family), ", and its UNet has ",
      has_label ? "a label_emb, which that family has not" : "no label_emb, which it should have"));
}

}  // namespace

absl::StatusOr<CheckpointLayout> IdentifyCheckpoint(const Tensors& tensors) {
  const Names names(tensors);
  for (const Kind& kind : kRelatives) {
    if (Matches(names, kind)) return LooksLike(kind.what);
  }
  if (!names.Has(absl::StrCat(kUNet, "input_blocks.0.0.weight"))) {
    return DescribeStranger(tensors, names);
  }
  DARKROOM_RETURN_IF_ERROR(CheckChannels(tensors, names));
  CheckpointLayout layout;
  layout.unet = {PartNaming::kUNet, std::string(kUNet)};
  DARKROOM_RETURN_IF_ERROR(FindTextEncoders(names, &layout));
  if (names.AnyStartsWith(kVae)) layout.vae = {PartNaming::kVae, std::string(kVae)};
  layout.marked_v_prediction = names.Has("v_pred");
  layout.marked_zero_terminal_snr = names.Has("ztsnr");
  return layout;
}

absl::StatusOr<CheckpointPart> IdentifyVae(const Tensors& tensors) {
  for (const absl::string_view prefix : {kVae, absl::string_view("")}) {
    const auto has = [&](absl::string_view name) {
      return tensors.contains(absl::StrCat(prefix, name));
    };
    if (!has("decoder.conv_in.weight") || !has("encoder.conv_in.weight")) continue;
    if (has("encoder.down.0.block.0.conv1.weight")) {
      return CheckpointPart{PartNaming::kVae, std::string(prefix)};
    }
    if (has("encoder.down_blocks.0.resnets.0.conv1.weight")) {
      return CheckpointPart{PartNaming::kDiffusers, std::string(prefix)};
    }
  }
  return absl::InvalidArgumentError(
      "is no VAE: it has not the encoder and the decoder of an AutoencoderKL");
}

}  // namespace darkroom::diffusion
