#ifndef DARKROOM_SERVER_OPENAI_OPENAI_API_H_
#define DARKROOM_SERVER_OPENAI_OPENAI_API_H_

#include "server/admission/model_aliases.h"
#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/router.h"

namespace darkroom::server::openai {

// OpenAI's interface for pictures: POST /v1/images/generations, /v1/images/edits and
// /v1/images/variations, with errors in its shape. docs/http.md says what of it there is. Its
// /v1/models is ours (server/rest), which says what its clients look for beside our own. The loop
// and the services outlive the server of the routes.
void AddOpenAiApi(http::Router& router, Loop& loop, Services& services, ModelAliases aliases);

}  // namespace darkroom::server::openai

#endif  // DARKROOM_SERVER_OPENAI_OPENAI_API_H_
