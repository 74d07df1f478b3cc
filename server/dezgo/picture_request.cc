#include "server/dezgo/picture_request.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "naming/sampler_names.h"
#include "server/http/field_reader.h"

namespace darkroom::server::dezgo {
namespace {

using darkroom::v1::ImageParameters;
using http::FieldReader;

constexpr int kLoras = 4;
constexpr double kUsualLoraStrength = 0.7;  // that clients show
constexpr double kMostLoraStrength = 10;
constexpr std::int64_t kMostPixels = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostSeed = std::numeric_limits<std::uint32_t>::max();

struct Ending {
  absl::string_view text;
  const char* schedule;
};
constexpr std::array<Ending, 3> kEndings = {
    {{"_karras", "Karras"}, {"_normal", "Normal"}, {"_exponential", "Exponential"}}};

// "euler_a", "dpmpp_2m_karras": k-diffusion's names, without its "k_" and with a schedule. What is
// not known is left as it is, for who checks names to say so.
void ReadSampler(FieldReader& reader, ImageParameters& parameters) {
  const std::string sent = reader.Text("sampler");
  const std::string lower = absl::AsciiStrToLower(sent);
  absl::string_view name = lower;
  for (const Ending& ending : kEndings) {
    if (absl::ConsumeSuffix(&name, ending.text)) parameters.set_schedule(ending.schedule);
  }
  const naming::SamplerName* found = naming::FindSampler(name);
  if (found == nullptr) found = naming::FindSampler(absl::StrCat("k_", name));
  if (found != nullptr) {
    parameters.set_sampler(std::string(found->name));
  } else {
    parameters.clear_schedule();
    parameters.set_sampler(sent);
  }
}

// As the prompt calls them.
void ReadLoras(FieldReader& reader, ImageParameters& parameters) {
  for (int i = 1; i <= kLoras; ++i) {
    const std::string field = absl::StrCat("lora", i);
    const std::string name = reader.Text(field);
    const auto strength =
        reader.Number(absl::StrCat(field, "_strength"), -kMostLoraStrength, kMostLoraStrength);
    if (name.empty()) continue;
    if (name.find_first_of("<>:") != std::string::npos) {
      reader.Complain(field, "is not the name of a LoRA of this server");
      continue;
    }
    absl::StrAppend(parameters.mutable_prompt(), " <lora:", name, ":",
                    strength.value_or(kUsualLoraStrength), ">");
  }
}

// A file of this name, which there has to be.
std::string TakePicture(FieldReader& reader, const std::string& name) {
  std::vector<std::string> pictures = reader.Pictures(name);
  if (!pictures.empty()) return std::move(pictures.front());
  reader.Complain(name, "is missing; send a PNG, JPEG or WebP file, in JSON in base64");
  return "";
}

void ReadPictures(Function function, FieldReader& reader, ImageParameters& parameters) {
  darkroom::v1::InitImage& image = *parameters.mutable_init_image();
  image.set_content(TakePicture(reader, "init_image"));
  if (const auto strength = reader.Number("strength", 0, 1)) image.set_strength(*strength);
  if (function == Function::kInpainting) {
    image.mutable_mask()->set_content(TakePicture(reader, "mask_image"));
  }
}

void ReadNumbers(FieldReader& reader, ImageParameters& parameters) {
  if (const auto width = reader.Integer("width", 1, kMostPixels)) {
    parameters.set_width(static_cast<std::int32_t>(*width));
  }
  if (const auto height = reader.Integer("height", 1, kMostPixels)) {
    parameters.set_height(static_cast<std::int32_t>(*height));
  }
  if (const auto steps = reader.Integer("steps", 1, kMostPixels)) {
    parameters.set_steps(static_cast<std::int32_t>(*steps));
  }
  if (const auto guidance = reader.Number("guidance", -100, 100)) {
    parameters.set_guidance_scale(*guidance);
  }
  // Below 0 as without one.
  const auto seed = reader.Integer("seed", std::numeric_limits<std::int64_t>::min(), kMostSeed);
  if (seed.value_or(-1) >= 0) parameters.set_seed(*seed);
  if (reader.Integer("upscale", 0, 100).value_or(1) > 1) {
    reader.Complain("upscale",
                    "can only be 1 here; send the picture to /upscale to make it larger");
  }
}

}  // namespace

absl::StatusOr<ImageParameters> ReadPictureRequest(Function function, http::Fields fields,
                                                   const ModelAliases& aliases) {
  FieldReader reader(std::move(fields));
  ImageParameters parameters;
  parameters.set_model(aliases.Resolve(reader.Text("model")));
  if (function == Function::kUpscale) {
    parameters.mutable_init_image()->set_content(TakePicture(reader, "image"));
    parameters.mutable_upscale();
    DARKROOM_RETURN_IF_ERROR(reader.Finish());
    return parameters;
  }
  parameters.set_prompt(reader.Text("prompt"));
  if (parameters.prompt().empty()) reader.Complain("prompt", "is missing; say what to show");
  parameters.set_negative_prompt(reader.Text("negative_prompt"));
  parameters.set_preview_interval(0);
  ReadLoras(reader, parameters);
  ReadSampler(reader, parameters);
  ReadNumbers(reader, parameters);
  if (function != Function::kText) ReadPictures(function, reader, parameters);
  DARKROOM_RETURN_IF_ERROR(reader.Finish());
  return parameters;
}

}  // namespace darkroom::server::dezgo
