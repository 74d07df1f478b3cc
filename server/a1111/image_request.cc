#include "server/a1111/image_request.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/a1111/fields.h"
#include "server/a1111/settings.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;
using google::protobuf::Struct;

constexpr int kLatentUpscale = 3;  // of resize_mode

// AUTOMATIC1111 cuts sides to whole cells of the latent.
int WholeCells(int side) { return side - side % 8; }

class Reader {
 public:
  Reader(const Struct& body, const Models& models, ImageRequest& request)
      : fields_(body, request.violations), models_(models), request_(request) {}

  void ReadCommon() {
    v1::ImageParameters& p = request_.parameters;
    p.set_prompt(fields_.Text("prompt"));
    p.set_negative_prompt(fields_.Text("negative_prompt"));
    for (std::string& style : fields_.Texts("styles")) {
      if (style != "None") p.add_styles(std::move(style));  // aiyabot's word for none
    }
    if (const auto steps = fields_.Whole("steps")) p.set_steps(*steps);
    if (const auto scale = fields_.Number("cfg_scale")) p.set_guidance_scale(*scale);
    if (const auto width = fields_.Whole("width")) p.set_width(WholeCells(*width));
    if (const auto height = fields_.Whole("height")) p.set_height(WholeCells(*height));
    if (const auto skip = fields_.Whole("clip_skip")) p.set_clip_skip(*skip);
    if (fields_.Flag("tiling").value_or(false)) p.set_tiling(true);
    ReadCount();
    ReadSampler();
    ReadSamplerOptions();
    ReadSeed();
    request_.send_images = fields_.Flag("send_images").value_or(true);
    request_.task = fields_.Text("force_task_id");
    NoteWhatIsNotDone();
  }

  void ReadSettings(const Struct& settings) {
    ApplySettings(settings, models_, request_.violations, request_.ignored, request_.parameters);
  }
  const Struct& Overrides() const { return fields_.Object("override_settings"); }

  void ReadHiresFix() {
    if (!fields_.Flag("enable_hr").value_or(false)) return;
    v1::HiresFix& hires = *request_.parameters.mutable_hires_fix();
    const int width = fields_.Whole("hr_resize_x").value_or(0);
    const int height = fields_.Whole("hr_resize_y").value_or(0);
    if (width > 0) hires.set_width(WholeCells(width));
    if (height > 0) hires.set_height(WholeCells(height));
    if (const auto scale = fields_.Number("hr_scale"); scale.has_value() && width + height == 0) {
      hires.set_scale(*scale);
    }
    hires.set_upscaler(fields_.Text("hr_upscaler"));
    if (const auto strength = fields_.Number("denoising_strength")) hires.set_strength(*strength);
    if (const auto steps = fields_.Whole("hr_second_pass_steps")) hires.set_steps(*steps);
    hires.set_sampler(UnlessSame("hr_sampler_name", "Use same sampler"));
    hires.set_schedule(UnlessSame("hr_scheduler", "Use same scheduler"));
    hires.set_prompt(fields_.Text("hr_prompt"));
    hires.set_negative_prompt(fields_.Text("hr_negative_prompt"));
    if (const auto scale = fields_.Number("hr_cfg"); scale.value_or(0) > 0) {
      hires.set_guidance_scale(*scale);
    }
  }

  void ReadInitImage(const Struct& body) {
    v1::InitImage& image = *request_.parameters.mutable_init_image();
    const std::optional<std::string> picture = FirstPicture(body);
    if (picture.has_value()) image.set_content(*picture);
    if (const auto strength = fields_.Number("denoising_strength")) image.set_strength(*strength);
    if (const auto scale = fields_.Number("image_cfg_scale")) image.set_guidance_scale(*scale);
    ReadResizeMode(image);
    if (auto mask = fields_.Picture("mask")) ReadMask(*std::move(mask), image);
    const double noise = fields_.Number("initial_noise_multiplier").value_or(1);
    if (noise != 1) Ignore("initial_noise_multiplier", "is always 1 here");
    if (fields_.Flag("include_init_images").value_or(false)) {
      Ignore("include_init_images", "is not done: the answer has no pictures that were sent");
    }
  }

 private:
  void Ignore(absl::string_view name, absl::string_view why) {
    request_.ignored.push_back(absl::StrCat(name, " ", why, "."));
  }

  void ReadCount() {
    const auto batches = fields_.Whole("n_iter");
    const auto size = fields_.Whole("batch_size");
    if (!batches.has_value() && !size.has_value()) return;
    const std::int64_t count = std::int64_t{batches.value_or(1)} * std::int64_t{size.value_or(1)};
    if (batches.value_or(1) < 1 || size.value_or(1) < 1 || count > kMaxCount) {
      return fields_.Complain("n_iter", absl::StrCat("times batch_size is not within 1 and ",
                                                     kMaxCount, "; it is the number of images"));
    }
    request_.parameters.set_image_count(static_cast<int>(count));
  }

  // sampler_index is the older name of sampler_name.
  void ReadSampler() {
    std::string sampler = fields_.Text("sampler_name");
    if (sampler.empty()) sampler = fields_.Text("sampler_index");
    request_.parameters.set_sampler(std::move(sampler));
    request_.parameters.set_schedule(fields_.Text("scheduler"));
  }

  void ReadSamplerOptions() {
    v1::SamplerOptions options;
    if (const auto eta = fields_.Number("eta")) options.set_eta(*eta);
    if (const auto churn = fields_.Number("s_churn")) options.set_s_churn(*churn);
    if (const auto tmin = fields_.Number("s_tmin")) options.set_s_tmin(*tmin);
    if (const auto tmax = fields_.Number("s_tmax")) options.set_s_tmax(*tmax);
    if (const auto noise = fields_.Number("s_noise")) options.set_s_noise(*noise);
    if (options.ByteSizeLong() > 0) *request_.parameters.mutable_sampler_options() = options;
    if (const auto sigma = fields_.Number("s_min_uncond"); sigma.value_or(0) > 0) {
      request_.parameters.mutable_guidance_options()->set_min_negative_sigma(*sigma);
    }
  }

  void ReadSeed() {
    v1::ImageParameters& p = request_.parameters;
    if (const auto seed = fields_.BigWhole("seed")) p.set_seed(*seed);
    const double strength = fields_.Number("subseed_strength").value_or(0);
    if (strength != 0) {
      p.mutable_variation()->set_strength(strength);
      if (const auto seed = fields_.BigWhole("subseed")) p.mutable_variation()->set_seed(*seed);
    }
    const int width = fields_.Whole("seed_resize_from_w").value_or(0);
    const int height = fields_.Whole("seed_resize_from_h").value_or(0);
    if (width > 0 && height > 0) {
      p.mutable_seed_resize_from()->set_width(WholeCells(width));
      p.mutable_seed_resize_from()->set_height(WholeCells(height));
    }
  }

  std::string UnlessSame(absl::string_view name, absl::string_view same) const {
    std::string text = fields_.Text(name);
    return absl::EqualsIgnoreCase(text, same) ? "" : text;
  }

  std::optional<std::string> FirstPicture(const Struct& body) {
    const auto found = body.fields().find("init_images");
    const bool several = found != body.fields().end() && found->second.has_list_value() &&
                         found->second.list_value().values_size() > 1;
    Struct first;
    if (several) {
      Ignore("init_images", "has several pictures, of which only the first is used");
      (*first.mutable_fields())["init_images"] = found->second.list_value().values(0);
    } else if (found != body.fields().end()) {
      (*first.mutable_fields())["init_images"] = found->second;
    }
    auto picture = Fields(first, request_.violations).Picture("init_images");
    if (!picture.has_value() && request_.violations.empty()) {
      fields_.Complain("init_images", "has no picture; img2img begins with one");
    }
    return picture;
  }

  void ReadResizeMode(v1::InitImage& image) {
    const int mode = fields_.Whole("resize_mode").value_or(0);
    if (mode == kLatentUpscale) {
      Ignore("resize_mode", "3, of the latent, is not done: the picture is resized itself");
    } else if (mode < 0 || mode > kLatentUpscale) {
      fields_.Complain("resize_mode", "is not within 0 and 3");
    } else if (mode == 1) {
      image.set_resize_mode(v1::RESIZE_MODE_CROP);
    } else if (mode == 2) {
      image.set_resize_mode(v1::RESIZE_MODE_FILL);
    }
  }

  // Its defaults are AUTOMATIC1111's, which are not this service's.
  void ReadMask(std::string picture, v1::InitImage& image) {
    v1::Mask& mask = *image.mutable_mask();
    mask.set_content(std::move(picture));
    const auto blur = fields_.Whole("mask_blur");
    if (const auto side = blur.has_value() ? blur : fields_.Whole("mask_blur_x")) {
      mask.set_blur(*side);
    }
    mask.set_inverted(fields_.Flag("inpainting_mask_invert").value_or(false));
    mask.set_only_masked(fields_.Flag("inpaint_full_res").value_or(true));
    if (mask.only_masked()) {
      mask.set_padding(fields_.Whole("inpaint_full_res_padding").value_or(0));
    }
    constexpr v1::MaskFill kFills[] = {v1::MASK_FILL_SURROUNDINGS, v1::MASK_FILL_ORIGINAL,
                                       v1::MASK_FILL_LATENT_NOISE, v1::MASK_FILL_LATENT_NOTHING};
    const int fill = fields_.Whole("inpainting_fill").value_or(0);
    if (fill < 0 || fill >= 4) return fields_.Complain("inpainting_fill", "is not within 0 and 3");
    mask.set_fill(kFills[fill]);
  }

  void NoteWhatIsNotDone() {
    if (fields_.Flag("restore_faces").value_or(false)) {
      Ignore("restore_faces", "is not done: there is no face restorer here");
    }
    for (const char* name : {"script_name", "refiner_checkpoint", "hr_checkpoint_name"}) {
      const std::string value = fields_.Text(name);
      if (value.empty() || value == "None" || value == "Use same checkpoint") continue;
      Ignore(name, "is not done here");
    }
    if (fields_.Object("alwayson_scripts").fields_size() > 0) {
      Ignore("alwayson_scripts", "is not done: there are no scripts here");
    }
  }

  static constexpr int kMaxCount = 10'000;

  const Fields fields_;
  const Models& models_;
  ImageRequest& request_;
};

absl::string_view WithoutEnding(absl::string_view name) {
  for (const absl::string_view ending : {".safetensors", ".ckpt", ".pt", ".bin"}) {
    if (absl::ConsumeSuffix(&name, ending)) break;
  }
  return name;
}

}  // namespace

std::string TitleOf(const std::string& id, const v1::Model& model) {
  return model.hash().empty() ? id : absl::StrCat(id, " [", model.hash(), "]");
}

std::string MeantModel(absl::string_view text, const Models& models) {
  absl::string_view name = absl::StripAsciiWhitespace(text);
  for (const auto& [id, model] : models) {
    if (absl::EqualsIgnoreCase(name, TitleOf(id, model))) return id;
  }
  // A title that was made of a file's name: "demo.safetensors [0123456789]".
  if (absl::EndsWith(name, "]")) {
    name = absl::StripAsciiWhitespace(name.substr(0, name.rfind('[')));
  }
  name = WithoutEnding(absl::StripPrefix(name, "models/"));
  for (const auto& [id, model] : models) {
    if (absl::EqualsIgnoreCase(name, id) || absl::EqualsIgnoreCase(name, model.display_name()) ||
        (!name.empty() && absl::EqualsIgnoreCase(name, model.hash()))) {
      return id;
    }
  }
  return std::string(text);
}

ImageRequest ReadImageRequest(Kind kind, const Struct& body, const Struct& settings,
                              const Models& models) {
  ImageRequest request;
  Reader reader(body, models, request);
  reader.ReadSettings(MergedSettings(settings, reader.Overrides()));
  reader.ReadCommon();
  if (kind == Kind::kTextToImage) {
    reader.ReadHiresFix();
  } else {
    reader.ReadInitImage(body);
  }
  return request;
}

}  // namespace darkroom::server::a1111
