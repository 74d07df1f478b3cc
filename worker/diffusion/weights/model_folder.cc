#include "worker/diffusion/weights/model_folder.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/config_reader.h"
#include "worker/diffusion/weights/part_configs.h"
#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {
namespace {

absl::StatusOr<tokenizer::TokenizerConfig> ReadTokenizer(const std::filesystem::path& folder) {
  tokenizer::TokenizerConfig config;
  // special_tokens_map.json repeats the tokens of tokenizer_config.json; older folders differ in
  // which of the two has them.
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    if (!std::filesystem::exists(folder / name)) continue;
    DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(folder / name));
    config.bos_token = reader.Token("bos_token", config.bos_token);
    config.eos_token = reader.Token("eos_token", config.eos_token);
    config.unk_token = reader.Token("unk_token", config.unk_token);
    config.pad_token = reader.Token("pad_token", config.pad_token);
    DARKROOM_RETURN_IF_ERROR(reader.status());
  }
  return config;
}

absl::StatusOr<PreviewConfig> ReadPreview(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  const auto factors = reader.Matrix("latent_rgb_factors", 4, 3);
  const auto bias = reader.Doubles("latent_rgb_bias", 3);
  DARKROOM_RETURN_IF_ERROR(reader.status());
  PreviewConfig config;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t latent = 0; latent < 4; ++latent) {
      config.latent_rgb_factors[latent][channel] = static_cast<float>(factors[latent][channel]);
    }
    config.latent_rgb_bias[channel] = static_cast<float>(bias[channel]);
  }
  return config;
}

absl::Status CheckPipeline(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  reader.Choice("_class_name", "StableDiffusionPipeline",
                {"StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline",
                 "StableDiffusionInpaintPipeline", "StableDiffusionInstructPix2PixPipeline",
                 "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline",
                 "StableDiffusionXLInpaintPipeline", "StableDiffusionXLInstructPix2PixPipeline"});
  return reader.status();
}

// No config says it: the UNet and the parts that there are do.
ModelFamily FamilyOf(const UNetConfig& unet, const std::filesystem::path& folder) {
  if (unet.projection_class_embeddings_input_dim == 0) {
    return unet.use_linear_projection ? ModelFamily::kSd2 : ModelFamily::kSd1;
  }
  return std::filesystem::exists(folder / "text_encoder") ? ModelFamily::kSdxl
                                                          : ModelFamily::kSdxlRefiner;
}

absl::StatusOr<TextEncoderConfig> ReadTextEncoder(const std::filesystem::path& folder,
                                                  ModelFamily family, std::size_t encoder) {
  const absl::string_view part = TextEncoderPart(family, encoder);
  const bool second = part == TextEncoderPart(ModelFamily::kSdxl, 1);
  const bool xl = AddedNumbers(family) > 0;
  TextEncoderConfig config;
  config.layer_from_end = xl ? 2 : 1;
  config.final_norm = !xl;
  config.obeys_clip_skip = family == ModelFamily::kSd1;
  DARKROOM_ASSIGN_OR_RETURN(config.tokenizer, ReadTokenizer(TokenizerFolder(folder, part)));
  DARKROOM_ASSIGN_OR_RETURN(config.clip,
                            ReadClipTextConfig(folder / std::string(part) / "config.json", second));
  return config;
}

absl::Status CheckTextEncoders(const ModelConfig& config) {
  const std::size_t expected = config.family == ModelFamily::kSdxl ? 2 : 1;
  if (config.text_encoders.size() != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ", FamilyName(config.family), " model has ", expected, " text encoders"));
  }
  int channels = 0;
  for (const TextEncoderConfig& encoder : config.text_encoders) {
    channels += encoder.clip.hidden_size;
    if (encoder.layer_from_end < 1 || encoder.layer_from_end > encoder.clip.num_hidden_layers) {
      return absl::InvalidArgumentError("a text encoder has too few layers for its family");
    }
  }
  if (config.unet.cross_attention_dim != channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("the UNet's cross_attention_dim is not the text model's hidden_size, ",
                     channels, expected > 1 ? " in all" : ""));
  }
  const int numbers = AddedNumbers(config.family);
  const int pooled = config.text_encoders.back().clip.projection_dim;
  const int added = numbers == 0 ? 0 : pooled + numbers * config.unet.addition_time_embed_dim;
  if (config.unet.projection_class_embeddings_input_dim != added) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the UNet's projection_class_embeddings_input_dim is not the text model's projection_dim "
        "and ",
        numbers, " times addition_time_embed_dim: ", added));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelConfig> ReadModelConfig(const std::filesystem::path& folder) {
  DARKROOM_RETURN_IF_ERROR(CheckPipeline(folder / "model_index.json"));
  ModelConfig config;
  DARKROOM_ASSIGN_OR_RETURN(config.unet, ReadUNetConfig(folder / "unet" / "config.json"));
  config.family = FamilyOf(config.unet, folder);
  const std::size_t encoders = config.family == ModelFamily::kSdxl ? 2 : 1;
  for (std::size_t i = 0; i < encoders; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(TextEncoderConfig encoder, ReadTextEncoder(folder, config.family, i));
    config.text_encoders.push_back(std::move(encoder));
  }
  DARKROOM_ASSIGN_OR_RETURN(config.vae, ReadVaeConfig(folder / "vae" / "config.json"));
  DARKROOM_ASSIGN_OR_RETURN(
      config.schedule, ReadNoiseScheduleConfig(folder / "scheduler" / "scheduler_config.json"));
  if (std::filesystem::exists(folder / "preview.json")) {
    DARKROOM_ASSIGN_OR_RETURN(config.preview, ReadPreview(folder / "preview.json"));
  }
  const absl::Status fits = CheckModelConfig(config);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(folder.string(), ": ", fits.message()));
  }
  return config;
}

absl::Status CheckModelConfig(const ModelConfig& config) {
  DARKROOM_RETURN_IF_ERROR(CheckTextEncoders(config));
  if (config.unet.out_channels != config.vae.latent_channels) {
    return absl::InvalidArgumentError("the UNet's out_channels are not the VAE's latent_channels");
  }
  if (!InputsOf(config.unet, config.vae).has_value()) {
    return absl::InvalidArgumentError(
        "the UNet's in_channels are not the VAE's latent_channels, nor those of an inpainting "
        "model "
        "(twice as many and one) or of InstructPix2Pix (twice as many)");
  }
  if (config.preview.has_value() && config.vae.latent_channels != 4) {
    return absl::InvalidArgumentError("preview.json is for four latent channels");
  }
  return absl::OkStatus();
}

std::filesystem::path TokenizerFolder(const std::filesystem::path& folder,
                                      absl::string_view text_encoder) {
  const bool second = text_encoder == TextEncoderPart(ModelFamily::kSdxl, 1);
  return folder / (second ? "tokenizer_2" : "tokenizer");
}

absl::StatusOr<std::filesystem::path> FindWeights(const std::filesystem::path& folder,
                                                  absl::string_view part) {
  const bool text = absl::StartsWith(part, "text_encoder");
  const std::string stem = text ? "model" : "diffusion_pytorch_model";
  const std::filesystem::path below = folder / std::string(part);
  for (const char* ending : {".safetensors", ".fp16.safetensors"}) {
    const std::filesystem::path path = below / (stem + ending);
    if (std::filesystem::exists(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat((below / stem).string(), ".safetensors: no such file"));
}

}  // namespace darkroom::diffusion
