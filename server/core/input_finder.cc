#include "server/core/input_finder.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kContent = "parameters.init_image.content";
constexpr absl::string_view kName = "parameters.init_image.name";

InputFinder::Answer Refusal(absl::string_view field, std::string description) {
  return {.violations = {{std::string(field), std::move(description)}}, .picture = std::nullopt};
}

InputFinder::Answer NoSuchPicture() {
  return Refusal(
      kName,
      "is no picture that the server has of yours; they are forgotten after a while: send "
      "the file as content");
}

InputFinder::Answer Inspect(absl::string_view field, absl::string_view tenant, std::string bytes) {
  const absl::StatusOr<picture::Header> header = picture::ReadHeader(bytes);
  if (!header.ok()) return Refusal(field, std::string(header.status().message()));
  InputPicture found{.id = InputId(tenant, bytes), .bytes = {}, .header = *header};
  found.bytes = std::move(bytes);
  return {.violations = {}, .picture = std::move(found)};
}

}  // namespace

std::string InputId(absl::string_view tenant, absl::string_view bytes) {
  return Sha256Hex(absl::StrCat(tenant, "\n", bytes));
}

void InputFinder::Find(const std::string& tenant, const darkroom::v1::InitImage& image,
                       Callback<Answer> done) {
  if (image.has_content()) return done(Inspect(kContent, tenant, image.content()));
  if (!image.has_name()) {
    return done(Refusal("parameters.init_image",
                        "has no picture; send a file as content or the name of a picture as name"));
  }
  if (ParseInputName(image.name()).ok()) return FindInput(tenant, image.name(), std::move(done));
  if (ParseImageName(image.name()).ok()) return FindResult(tenant, image.name(), std::move(done));
  done(
      Refusal(kName,
              "is not the name of a picture; expected jobs/{job}/images/{index} of a finished job, "
              "or inputs/{input} as a job's parameters have it"));
}

void InputFinder::FindInput(const std::string& tenant, absl::string_view name,
                            Callback<Answer> done) {
  std::string id = ParseInputName(name).value();
  ports_.results.GetInput(id, Within<std::string>(loop_, kStoreTimeout,
                                                  [tenant, id, done = std::move(done)](
                                                      absl::StatusOr<std::string> bytes) mutable {
                                                    if (absl::IsNotFound(bytes.status()))
                                                      return done(NoSuchPicture());
                                                    if (!bytes.ok())
                                                      return done(StoreError(bytes.status()));
                                                    // Another tenant's.
                                                    if (InputId(tenant, *bytes) != id)
                                                      return done(NoSuchPicture());
                                                    done(Inspect(kName, tenant, *std::move(bytes)));
                                                  }));
}

void InputFinder::FindResult(const std::string& tenant, absl::string_view name,
                             Callback<Answer> done) {
  const ImageName image = ParseImageName(name).value();
  auto read = [self = shared_from_this(), tenant, image,
               done = std::move(done)](absl::StatusOr<scheduler::JobSnapshot> job) mutable {
    if (absl::IsNotFound(job.status())) return done(NoSuchPicture());
    if (!job.ok()) return done(StoreError(job.status()));
    if (job->state != scheduler::JobState::kSucceeded) {
      return done(Refusal(kName, "is of a job that has not succeeded; wait until it is finished"));
    }
    self->ports_.results.Get(
        {job->id, job->fence}, image.index,
        Within<std::string>(
            self->loop_, kStoreTimeout,
            [tenant, done = std::move(done)](absl::StatusOr<std::string> bytes) mutable {
              if (absl::IsNotFound(bytes.status()) || absl::IsInvalidArgument(bytes.status())) {
                return done(NoSuchPicture());
              }
              if (!bytes.ok()) return done(StoreError(bytes.status()));
              done(Inspect(kName, tenant, *std::move(bytes)));
            }));
  };
  ports_.queue.Get(tenant, image.job,
                   Within<scheduler::JobSnapshot>(loop_, kStoreTimeout, std::move(read)));
}

}  // namespace darkroom::server
