#include "server/core/job_image.h"

#include <utility>

#include "server/core/api_error.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

using StoredImagePtr = std::shared_ptr<const StoredImage>;

absl::Status ImageNotFound() {
  return ApiError(absl::StatusCode::kNotFound, reason::kImageNotFound,
                  "this image of the job is not there: it has not been made yet, or is no longer "
                  "kept");
}

void ReadFrom(const CoreContext& context, const scheduler::JobSnapshot& job, int image,
              Callback<StoredImagePtr> done) {
  context.images->Read({job.id, job.fence}, image,
                       [done = std::move(done)](absl::StatusOr<StoredImagePtr> stored) mutable {
                         if (stored.ok()) return done(*std::move(stored));
                         // A number that no image can have is no less unknown.
                         const bool unknown = absl::IsNotFound(stored.status()) ||
                                              absl::IsInvalidArgument(stored.status());
                         done(unknown ? ImageNotFound() : StoreError(stored.status()));
                       });
}

}  // namespace

void ReadJobImage(GenerationCore& core, const std::string& tenant, absl::string_view name,
                  Callback<StoredImagePtr> done) {
  const absl::StatusOr<ImageName> image = ParseImageName(name);
  if (!image.ok()) return done(image.status());
  core.Find(tenant, JobName(image->job),
            [core = core.shared_from_this(), index = image->index,
             done = std::move(done)](absl::StatusOr<scheduler::JobSnapshot> job) mutable {
              if (!job.ok()) return done(job.status());
              if (job->fence == 0) return done(ImageNotFound());
              ReadFrom(core->context(), *job, index, std::move(done));
            });
}

}  // namespace darkroom::server
