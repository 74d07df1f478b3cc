#ifndef DARKROOM_SERVER_DEZGO_DEZGO_API_H_
#define DARKROOM_SERVER_DEZGO_DEZGO_API_H_

#include <string>

#include "server/admission/model_aliases.h"
#include "server/admission/model_catalogue.h"
#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/failure.h"
#include "server/http/router.h"

namespace darkroom::server::dezgo {

// Dezgo's interface: POST /text2image, /text2image_sdxl, /text2image_sdxl_lightning, /image2image,
// /inpainting, /inpainting_sdxl and /upscale, GET /info and /account/tx/last. docs/http.md says
// what of it there is. The loop and the services outlive the server of the routes.
void AddDezgoApi(http::Router& router, Loop& loop, Services& services, ModelAliases aliases);

// {"models": [{"id": …, "name": …, "family": …, "functions": […], …}], "samplers": […]}. Pure.
std::string InfoJson(const Models& models);

// {"message": "…", "code": "INVALID_REQUEST"}: its clients show the text as it is. Pure.
std::string DezgoErrorShape(const http::Failure& failure);

}  // namespace darkroom::server::dezgo

#endif  // DARKROOM_SERVER_DEZGO_DEZGO_API_H_
