#ifndef DARKROOM_SERVER_OPENAI_IMAGE_REPLY_H_
#define DARKROOM_SERVER_OPENAI_IMAGE_REPLY_H_

#include <string>

#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"
#include "server/core/awaited_job.h"
#include "server/http/failure.h"
#include "server/openai/image_request.h"

namespace darkroom::server::openai {

// Answers in OpenAI's shape. Pure. Tokens are 0 in all of them: nothing is counted in tokens here.

// {"created": …, "data": [{"b64_json": "…"}], …}
std::string ImagesReply(const ImageRequest& request, const EndedJob& ended);

// Server-Sent Events, with the empty line. A preview is told with its own format, JPEG; `index`
// counts those of its picture from 0.
std::string PartialImageEvent(const ImageRequest& request, const darkroom::v1::Job& job,
                              const darkroom::v1::JobPreview& preview, int index, absl::Time time);
std::string CompletedEvent(const ImageRequest& request, const darkroom::v1::Job& job,
                           const AwaitedPicture& picture);
// What ends a stream before its pictures.
std::string ErrorEvent(const http::Failure& failure);

}  // namespace darkroom::server::openai

#endif  // DARKROOM_SERVER_OPENAI_IMAGE_REPLY_H_
