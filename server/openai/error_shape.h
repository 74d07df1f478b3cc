#ifndef DARKROOM_SERVER_OPENAI_ERROR_SHAPE_H_
#define DARKROOM_SERVER_OPENAI_ERROR_SHAPE_H_

#include <string>

#include "server/http/failure.h"

namespace darkroom::server::openai {

// {"error": {"message": "...", "type": "invalid_request_error", "param": "size", "code":
// "invalid_request"}}: an error as OpenAI's clients read it. The code is the reason of its
// ErrorInfo in lower case, or what OpenAI calls it; the parameter the first field that is wrong, as
// it is called there. Pure.
std::string OpenAiErrorShape(const http::Failure& failure);

// Tells OpenAI's clients, which repeat requests by themselves, whether to: only where that cannot
// draw a second time and may help soon. `queued`: the job of the request was, and by
// `idempotent` the client finds it again. Pure.
http::Failure WithRetryAdvice(http::Failure failure, bool queued, bool idempotent);

}  // namespace darkroom::server::openai

#endif  // DARKROOM_SERVER_OPENAI_ERROR_SHAPE_H_
