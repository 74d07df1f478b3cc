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

constexpr char kPictureField[] = "parameters.init_image";
constexpr char kMaskField[] = "parameters.init_image.mask";

InputFinder::Answer Refusal(std::string field, std::string description) {
  return {.violations = {{std::move(field), std::move(description)}},
          .picture = std::nullopt,
          .mask = std::nullopt};
}

std::string ContentOf(const std::string& field) { return absl::StrCat(field, ".content"); }
std::string NameOf(const std::string& field) { return absl::StrCat(field, ".name"); }

InputFinder::Answer NoSuchPicture(const std::string& field) {
  return Refusal(
      NameOf(field),
      "is no picture that the server has of yours; they are forgotten after a while: send "
      "the file as content");
}

InputFinder::Answer Inspect(std::string field, absl::string_view tenant, std::string bytes) {
  const absl::StatusOr<picture::Header> header = picture::ReadHeader(bytes);
  if (!header.ok()) return Refusal(std::move(field), std::string(header.status().message()));
  InputPicture found{.id = InputId(tenant, bytes), .bytes = {}, .header = *header};
  found.bytes = std::move(bytes);
  return {.violations = {}, .picture = std::move(found), .mask = std::nullopt};
}

}  // namespace

std::string InputId(absl::string_view tenant, absl::string_view bytes) {
  return Sha256Hex(absl::StrCat(tenant, "\n", bytes));
}

void InputFinder::Find(const std::string& tenant, const darkroom::v1::InitImage& image,
                       Callback<Answer> done) {
  // Margins are a mask without a file.
  const bool named = image.mask().has_content() || image.mask().has_name();
  const bool has_mask = image.has_mask() && (named || !image.has_extend());
  if (!has_mask) return FindOne(tenant, kPictureField, image, std::move(done));
  FindOne(tenant, kPictureField, image,
          [self = shared_from_this(), tenant, mask = image.mask(),
           done = std::move(done)](absl::StatusOr<Answer> picture) mutable {
            if (!picture.ok()) return done(picture.status());
            self->FindOne(tenant, kMaskField, mask,
                          [picture = *std::move(picture),
                           done = std::move(done)](absl::StatusOr<Answer> found) mutable {
                            if (!found.ok()) return done(found.status());
                            picture.mask = std::move(found->picture);
                            picture.violations.insert(picture.violations.end(),
                                                      found->violations.begin(),
                                                      found->violations.end());
                            done(std::move(picture));
                          });
          });
}

template <typename Message>
void InputFinder::FindOne(const std::string& tenant, const std::string& field,
                          const Message& message, Callback<Answer> done) {
  if (message.has_content()) return done(Inspect(ContentOf(field), tenant, message.content()));
  const std::string& name = message.name();
  if (!message.has_name()) {
    return done(
        Refusal(field, "has no picture; send a file as content or the name of a picture as name"));
  }
  if (ParseInputName(name).ok()) return FindInput(tenant, field, name, std::move(done));
  if (ParseImageName(name).ok()) return FindResult(tenant, field, name, std::move(done));
  done(
      Refusal(NameOf(field),
              "is not the name of a picture; expected jobs/{job}/images/{index} of a finished job, "
              "or inputs/{input} as a job's parameters have it"));
}

void InputFinder::FindInput(const std::string& tenant, const std::string& field,
                            absl::string_view name, Callback<Answer> done) {
  std::string id = ParseInputName(name).value();
  auto read = [tenant, field, id,
               done = std::move(done)](absl::StatusOr<std::string> bytes) mutable {
    if (absl::IsNotFound(bytes.status())) return done(NoSuchPicture(field));
    if (!bytes.ok()) return done(StoreError(bytes.status()));
    // Another tenant's.
    if (InputId(tenant, *bytes) != id) return done(NoSuchPicture(field));
    done(Inspect(NameOf(field), tenant, *std::move(bytes)));
  };
  ports_.results.GetInput(id, Within<std::string>(loop_, kStoreTimeout, std::move(read)));
}

void InputFinder::FindResult(const std::string& tenant, const std::string& field,
                             absl::string_view name, Callback<Answer> done) {
  const ImageName image = ParseImageName(name).value();
  auto read = [self = shared_from_this(), tenant, field, image,
               done = std::move(done)](absl::StatusOr<scheduler::JobSnapshot> job) mutable {
    if (absl::IsNotFound(job.status())) return done(NoSuchPicture(field));
    if (!job.ok()) return done(StoreError(job.status()));
    if (job->state != scheduler::JobState::kSucceeded) {
      return done(
          Refusal(NameOf(field), "is of a job that has not succeeded; wait until it is finished"));
    }
    self->ports_.results.Get(
        {job->id, job->fence}, image.index,
        Within<std::string>(
            self->loop_, kStoreTimeout,
            [tenant, field, done = std::move(done)](absl::StatusOr<std::string> bytes) mutable {
              if (absl::IsNotFound(bytes.status()) || absl::IsInvalidArgument(bytes.status())) {
                return done(NoSuchPicture(field));
              }
              if (!bytes.ok()) return done(StoreError(bytes.status()));
              done(Inspect(NameOf(field), tenant, *std::move(bytes)));
            }));
  };
  ports_.queue.Get(tenant, image.job,
                   Within<scheduler::JobSnapshot>(loop_, kStoreTimeout, std::move(read)));
}

}  // namespace darkroom::server
