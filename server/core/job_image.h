#ifndef DARKROOM_SERVER_CORE_JOB_IMAGE_H_
#define DARKROOM_SERVER_CORE_JOB_IMAGE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/await.h"
#include "server/core/generation_core.h"
#include "server/core/image_reader.h"

namespace darkroom::server {

// Reads an image of a job of this tenant, "jobs/{job}/images/{index}", as soon as it has been made:
// the job need not be finished. Every error is an ApiError: NOT_FOUND for a job that the tenant
// does not have, and for an image that is not there yet, or no longer. Loop thread only; `done`
// runs there, once.
void ReadJobImage(GenerationCore& core, const std::string& tenant, absl::string_view name,
                  Callback<std::shared_ptr<const StoredImage>> done);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_JOB_IMAGE_H_
