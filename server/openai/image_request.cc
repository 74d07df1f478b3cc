#include "server/openai/image_request.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/status_macros.h"
#include "server/http/field_reader.h"

namespace darkroom::server::openai {
namespace {

using darkroom::v1::ImageParameters;
using darkroom::v1::InitImage;
using darkroom::v1::Model;
using http::FieldReader;

constexpr int kMostPictures = 10;
constexpr int kMostPartialImages = 3;
constexpr int kStepsOfUnknownModel = 20;

// How much of a picture is given up.
constexpr double kAllOfIt = 1;
constexpr double kMuchOfIt = 0.75;
constexpr double kHalfOfIt = 0.5;

// "1024x768"; unset for "auto".
void ReadSize(FieldReader& reader, ImageParameters& parameters) {
  const std::string size = reader.Text("size");
  if (size.empty() || size == "auto") return;
  const std::size_t cross = size.find('x');
  std::int32_t width = 0;
  std::int32_t height = 0;
  if (cross == std::string::npos || !absl::SimpleAtoi(size.substr(0, cross), &width) ||
      !absl::SimpleAtoi(size.substr(cross + 1), &height)) {
    return reader.Complain("size",
                           "has to be a width and a height in pixels, \"1024x1024\", or "
                           "\"auto\"");
  }
  parameters.set_width(width);
  parameters.set_height(height);
}

// What a model does with a quality that it does not know: its share of the model's own steps.
double ShareOfSteps(absl::string_view quality) {
  if (quality == "low") return 0.5;
  if (quality == "high") return 1.5;
  if (quality == "xhigh" || quality == "max") return 2;
  return 1;
}

void ReadQuality(FieldReader& reader, const Model* model, ImageRequest& request) {
  const std::string quality =
      reader.Choice("quality", {"standard", "hd", "low", "medium", "high", "xhigh", "max", "auto"});
  request.quality = quality == "hd" ? "high" : quality;
  if (quality.empty() || quality == "standard" || quality == "auto") request.quality = "medium";
  const double share = ShareOfSteps(request.quality);
  if (model == nullptr || share == 1) return;
  const int steps = static_cast<int>(std::lround(model->default_steps() * share));
  request.parameters.set_steps(std::clamp(steps, 1, std::max(1, model->max_steps())));
}

// A PNG in which something may be transparent. Others would be read by their greys.
bool MayBeTransparent(absl::string_view file) {
  constexpr absl::string_view kSignature = "\x89PNG\r\n\x1a\n";
  constexpr std::size_t kColourType = 25;
  constexpr int kHasAlpha = 4;
  if (!absl::StartsWith(file, kSignature) || file.size() <= kColourType) return false;
  return (static_cast<unsigned char>(file[kColourType]) & kHasAlpha) != 0 ||
         absl::StrContains(file.substr(0, file.find("IDAT")), "tRNS");
}

// Of a form "image" or "image[]"; of JSON "images", which may be objects.
std::vector<std::string> TakePictures(FieldReader& reader, const std::string& field) {
  std::vector<std::string> pictures;
  for (const std::string& name :
       {field, field + "s", field + "[image_url]", field + "s[image_url]"}) {
    for (std::string& picture : reader.Pictures(name)) pictures.push_back(std::move(picture));
  }
  return pictures;
}

void ReadMask(FieldReader& reader, InitImage& image) {
  std::vector<std::string> masks = TakePictures(reader, "mask");
  if (masks.empty()) return;
  if (!MayBeTransparent(masks.front())) {
    return reader.Complain("mask",
                           "is not a PNG with an alpha channel: what is transparent in it is what "
                           "is edited");
  }
  image.mutable_mask()->set_content(std::move(masks.front()));
  // There, what is opaque is made anew.
  image.mutable_mask()->set_inverted(true);
}

double StrengthOf(FieldReader& reader, const Model* model, const InitImage& image) {
  const std::string fidelity = reader.Choice("input_fidelity", {"low", "high"});
  const bool instructed = model != nullptr && model->task() == darkroom::v1::MODEL_TASK_INSTRUCTION;
  if (image.has_mask() || instructed) return kAllOfIt;
  return fidelity == "high" ? kHalfOfIt : kMuchOfIt;
}

void ReadPicture(FieldReader& reader, const Model* model, ImageRequest& request) {
  if (!reader.Text("images[file_id]").empty() || !reader.Text("mask[file_id]").empty()) {
    reader.Complain("file_id", "cannot be used: there are no files here; send the picture itself");
  }
  std::vector<std::string> pictures = TakePictures(reader, "image");
  if (pictures.size() != 1) {
    return reader.Complain("image", pictures.empty() ? "is missing; send a PNG, JPEG or WebP file"
                                                     : "is more than one picture; send one");
  }
  InitImage& image = *request.parameters.mutable_init_image();
  image.set_content(std::move(pictures.front()));
  if (request.operation == Operation::kEdit) ReadMask(reader, image);
  image.set_strength(StrengthOf(reader, model, image));
  if (request.parameters.has_width()) image.set_resize_mode(darkroom::v1::RESIZE_MODE_CROP);
}

// So many steps apart that there are as many previews as partial images are wanted, where no
// picture is made in fewer steps.
int PreviewInterval(const ImageRequest& request, const Model* model) {
  if (request.partial_images == 0) return 0;
  int steps = model == nullptr ? kStepsOfUnknownModel : model->default_steps();
  if (request.parameters.has_steps()) steps = request.parameters.steps();
  if (request.parameters.has_init_image()) {
    steps = static_cast<int>(request.parameters.init_image().strength() * steps);
  }
  return std::max(1, steps / (request.partial_images + 1));
}

void ReadStream(FieldReader& reader, const Model* model, ImageRequest& request) {
  request.stream = reader.Flag("stream");
  const auto partial = reader.Integer("partial_images", 0, kMostPartialImages);
  if (request.stream) request.partial_images = static_cast<int>(partial.value_or(0));
  request.parameters.set_preview_interval(PreviewInterval(request, model));
}

// What there is one way of here.
void ReadForms(FieldReader& reader) {
  if (reader.Choice("response_format", {"b64_json", "url"}) == "url") {
    reader.Complain("response_format",
                    "cannot be \"url\": a picture here is for who has its owner's key, and a bare "
                    "link has none; use \"b64_json\"");
  }
  const std::string format = reader.Choice("output_format", {"png", "jpeg", "webp", "gif", "svg"});
  if (!format.empty() && format != "png") {
    reader.Complain("output_format", "can only be \"png\": pictures are made as PNG files here");
  }
  reader.Integer("output_compression", 0, 100);
}

}  // namespace

absl::StatusOr<ImageRequest> ReadImageRequest(Operation operation, http::Fields fields,
                                              const ModelAliases& aliases, const FindModel& find) {
  FieldReader reader(std::move(fields));
  ImageRequest request;
  request.operation = operation;
  ImageParameters& parameters = request.parameters;
  parameters.set_model(aliases.Resolve(reader.Text("model")));
  const Model* const model = find(parameters.model());
  if (operation != Operation::kVariation) {
    parameters.set_prompt(reader.Text("prompt"));
    if (parameters.prompt().empty()) reader.Complain("prompt", "is missing; say what to show");
  }
  if (const auto n = reader.Integer("n", 1, kMostPictures)) {
    parameters.set_image_count(static_cast<int>(*n));
  }
  ReadSize(reader, parameters);
  ReadQuality(reader, model, request);
  if (operation != Operation::kGeneration) ReadPicture(reader, model, request);
  ReadStream(reader, model, request);
  ReadForms(reader);
  DARKROOM_RETURN_IF_ERROR(reader.Finish());
  return request;
}

}  // namespace darkroom::server::openai
