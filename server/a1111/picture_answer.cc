#include "server/a1111/picture_answer.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/a1111/values.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;
using google::protobuf::Struct;

// Those of clients that are read here, but for pictures. Others may be anything: SillyTavern sends
// its own key along.
constexpr absl::string_view kEchoed[] = {"prompt",
                                         "negative_prompt",
                                         "styles",
                                         "seed",
                                         "subseed",
                                         "subseed_strength",
                                         "seed_resize_from_h",
                                         "seed_resize_from_w",
                                         "sampler_name",
                                         "sampler_index",
                                         "scheduler",
                                         "batch_size",
                                         "n_iter",
                                         "steps",
                                         "cfg_scale",
                                         "width",
                                         "height",
                                         "restore_faces",
                                         "tiling",
                                         "eta",
                                         "s_churn",
                                         "s_tmax",
                                         "s_tmin",
                                         "s_noise",
                                         "s_min_uncond",
                                         "enable_hr",
                                         "denoising_strength",
                                         "hr_scale",
                                         "hr_upscaler",
                                         "hr_second_pass_steps",
                                         "hr_resize_x",
                                         "hr_resize_y",
                                         "hr_sampler_name",
                                         "hr_scheduler",
                                         "hr_prompt",
                                         "hr_negative_prompt",
                                         "resize_mode",
                                         "image_cfg_scale",
                                         "mask_blur",
                                         "mask_blur_x",
                                         "inpainting_fill",
                                         "inpaint_full_res",
                                         "inpaint_full_res_padding",
                                         "inpainting_mask_invert",
                                         "clip_skip",
                                         "send_images",
                                         "save_images",
                                         "force_task_id"};

std::string EchoJson(const Struct& sent) {
  Struct echo;
  for (const auto& [name, value] : sent.fields()) {
    if (absl::c_linear_search(kEchoed, name)) (*echo.mutable_fields())[name] = value;
  }
  return http::ToJson(echo);
}

// `count` values, one a picture.
template <typename MakeValue>
Value ListOf(std::size_t count, MakeValue make) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(make(i));
  return List(std::move(values));
}

const v1::Model* FindModel(const v1::ImageParameters& parameters, const Models& models) {
  const auto found = models.find(std::string(absl::StripPrefix(parameters.model(), "models/")));
  return found == models.end() ? nullptr : &found->second;
}

Value DenoisingStrength(const v1::ImageParameters& p) {
  if (p.has_hires_fix()) return Number(p.hires_fix().strength());
  return p.has_init_image() ? Number(p.init_image().strength()) : Null();
}

std::string InfoJson(const EndedJob& ended, const AnswerContext& context, const Models& models) {
  const v1::ImageParameters& p = ended.job.parameters();
  const v1::Model* const model = FindModel(p, models);
  const std::size_t count = ended.pictures.size();
  const auto seed_of = [&](std::size_t i) { return Number(ended.pictures[i].image.seed()); };
  const auto subseed_of = [&](std::size_t i) {
    return Number(p.has_variation() ? p.variation().seed() + ended.pictures[i].image.index() : -1);
  };
  const auto size_of = [&](bool width) {
    if (count == 0) return Number(width ? p.width() : p.height());
    return Number(width ? ended.pictures[0].image.width() : ended.pictures[0].image.height());
  };
  std::vector<Value> ignored;
  for (const std::string& sentence : context.ignored) ignored.push_back(Text(sentence));
  return http::ToJson(Object({
      {"prompt", Text(p.prompt())},
      {"all_prompts", ListOf(count, [&](std::size_t) { return Text(p.prompt()); })},
      {"negative_prompt", Text(p.negative_prompt())},
      {"all_negative_prompts",
       ListOf(count, [&](std::size_t) { return Text(p.negative_prompt()); })},
      {"seed", count == 0 ? Number(p.seed()) : seed_of(0)},
      {"all_seeds", ListOf(count, seed_of)},
      {"subseed", count == 0 ? Number(-1) : subseed_of(0)},
      {"all_subseeds", ListOf(count, subseed_of)},
      {"subseed_strength", Number(p.variation().strength())},
      {"width", size_of(true)},
      {"height", size_of(false)},
      {"sampler_name", Text(p.sampler())},
      {"scheduler", Text(p.schedule())},
      {"cfg_scale", Number(p.guidance_scale())},
      {"steps", Number(p.steps())},
      {"batch_size", Number(p.image_count())},
      {"restore_faces", Flag(false)},
      {"face_restoration_model", Null()},
      {"sd_model_name", Text(absl::StripPrefix(p.model(), "models/"))},
      {"sd_model_hash", Text(model == nullptr ? "" : model->hash())},
      {"sd_vae_name", Null()},
      {"sd_vae_hash", Null()},
      {"seed_resize_from_w", Number(p.has_seed_resize_from() ? p.seed_resize_from().width() : -1)},
      {"seed_resize_from_h", Number(p.has_seed_resize_from() ? p.seed_resize_from().height() : -1)},
      {"denoising_strength", DenoisingStrength(p)},
      {"extra_generation_params", Object({})},
      {"index_of_first_image", Number(0)},
      {"infotexts",
       ListOf(count, [&](std::size_t i) { return Text(ended.pictures[i].image.infotext()); })},
      {"styles", List()},
      {"job_timestamp", Text(Timestamp(context.time))},
      {"clip_skip", Number(p.clip_skip())},
      {"is_using_inpainting_conditioning",
       Flag(model != nullptr && model->task() == v1::MODEL_TASK_INPAINTING)},
      {"version", Text("darkroom")},
      {"darkroom", Object({{"job", Text(ended.job.name())}, {"ignored", List(ignored)}})},
  }));
}

}  // namespace

std::string Timestamp(absl::Time time) {
  return absl::FormatTime("%Y%m%d%H%M%S", time, absl::UTCTimeZone());
}

std::string PicturesJson(const std::vector<AwaitedPicture>& pictures) {
  return absl::StrCat("[",
                      absl::StrJoin(pictures, ",",
                                    [](std::string* out, const AwaitedPicture& picture) {
                                      absl::StrAppend(out, "\"", absl::Base64Escape(picture.bytes),
                                                      "\"");
                                    }),
                      "]");
}

std::string PictureAnswer(const EndedJob& ended, const AnswerContext& context,
                          const Models& models) {
  return absl::StrCat("{\"images\":", context.send_images ? PicturesJson(ended.pictures) : "[]",
                      ",\"parameters\":", EchoJson(context.sent),
                      ",\"info\":", http::Quoted(InfoJson(ended, context, models)), "}\n");
}

}  // namespace darkroom::server::a1111
