#ifndef DARKROOM_SERVER_A1111_LISTS_H_
#define DARKROOM_SERVER_A1111_LISTS_H_

#include "darkroom/v1/model_service.pb.h"
#include "darkroom/v1/prompt_service.pb.h"
#include "server/a1111/values.h"
#include "server/admission/model_catalogue.h"

namespace darkroom::server::a1111 {

// What there is, in AUTOMATIC1111's words. Pure.

// [{"name", "aliases", "options"}]: those that every model has; without models, all.
Value SamplersValue(const Models& models);
// [{"name": "sgm_uniform", "label": "SGM Uniform", "aliases", "default_rho", "need_inner_model"}]
Value SchedulersValue(const Models& models);
// [{"title": "demo [hash]", "model_name": "demo", "hash", "sha256", "filename", "config"}]
Value CheckpointsValue(const Models& models);
// [{"name", "model_name", "model_path", "model_url", "scale"}] of those that work on pictures,
// "None" first.
Value UpscalersValue(const darkroom::v1::ListUpscalersResponse& upscalers);
// [{"name"}] of those that work on the latent.
Value LatentModesValue(const darkroom::v1::ListUpscalersResponse& upscalers);
// [{"name", "alias", "path", "metadata"}]
Value LorasValue(const darkroom::v1::ListAdaptersResponse& adapters);
// {"loaded": {name: {"step", "sd_checkpoint", "sd_checkpoint_name", "shape", "vectors"}},
// "skipped"}
Value EmbeddingsValue(const darkroom::v1::ListAdaptersResponse& adapters);
// [{"name", "prompt", "negative_prompt"}]
Value StylesValue(const darkroom::v1::ListStylesResponse& styles);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_LISTS_H_
