#include "server/a1111/extras_request.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/a1111/fields.h"
#include "server/a1111/image_request.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;
using google::protobuf::Struct;

constexpr char kList[] = "imageList";

std::string UnlessNone(std::string name) { return name == "None" ? "" : name; }

v1::Upscale ReadUpscale(const Fields& fields, std::vector<std::string>& ignored) {
  v1::Upscale upscale;
  if (fields.Whole("resize_mode").value_or(0) == 1) {
    // AUTOMATIC1111 takes any size; here it is whole cells.
    const int width = fields.Whole("upscaling_resize_w").value_or(512);
    const int height = fields.Whole("upscaling_resize_h").value_or(512);
    upscale.set_width(width - width % 8);
    upscale.set_height(height - height % 8);
    upscale.set_crop(fields.Flag("upscaling_crop").value_or(true));
  } else {
    upscale.set_scale(fields.Number("upscaling_resize").value_or(2));
  }
  upscale.set_upscaler(UnlessNone(fields.Text("upscaler_1")));
  const double visibility = fields.Number("extras_upscaler_2_visibility").value_or(0);
  const std::string second = UnlessNone(fields.Text("upscaler_2"));
  if (visibility != 0 && !second.empty()) {
    upscale.set_second_upscaler(second);
    upscale.set_second_visibility(visibility);
  }
  for (const char* name : {"gfpgan_visibility", "codeformer_visibility"}) {
    if (fields.Number(name).value_or(0) > 0) {
      ignored.push_back(absl::StrCat(name, " is not done: there is no face restorer here."));
    }
  }
  return upscale;
}

std::vector<std::string> ReadPictures(const Struct& body, const Fields& fields,
                                      std::vector<FieldViolation>& violations) {
  std::vector<std::string> pictures;
  const auto list = body.fields().find(kList);
  if (list == body.fields().end()) {
    if (auto picture = fields.Picture("image")) pictures.push_back(*std::move(picture));
    return pictures;
  }
  if (list->second.list_value().values_size() > kMaxExtrasPictures) {
    fields.Complain(kList, absl::StrCat("has more than ", kMaxExtrasPictures, " pictures"));
    return pictures;
  }
  for (const auto& entry : list->second.list_value().values()) {
    if (auto picture = Fields(entry.struct_value(), violations).Picture("data")) {
      pictures.push_back(*std::move(picture));
    }
  }
  return pictures;
}

}  // namespace

ExtrasRequest ReadExtrasRequest(const Struct& body, const Struct& settings, const Models& models) {
  ExtrasRequest request;
  const Fields fields(body, request.violations);
  const v1::Upscale upscale = ReadUpscale(fields, request.ignored);
  const std::string model =
      MeantModel(Fields(settings, request.violations).Text("sd_model_checkpoint"), models);
  for (std::string& picture : ReadPictures(body, fields, request.violations)) {
    v1::ImageParameters& parameters = request.pictures.emplace_back();
    parameters.set_model(model);
    *parameters.mutable_upscale() = upscale;
    parameters.mutable_init_image()->set_content(std::move(picture));
  }
  if (request.pictures.empty() && request.violations.empty()) {
    fields.Complain(body.fields().count(kList) > 0 ? kList : "image",
                    "has no picture; send one in base64");
  }
  return request;
}

}  // namespace darkroom::server::a1111
