#include "server/core/resource_name.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kJobs = "jobs/";
constexpr absl::string_view kImages = "/images/";
constexpr absl::string_view kInputs = "inputs/";
constexpr absl::string_view kKeys = "keys/";
constexpr absl::string_view kModels = "models/";
constexpr absl::string_view kDeadLetters = "deadLetters/";
constexpr absl::string_view kWorkers = "workers/";

}  // namespace

std::string JobName(absl::string_view id) { return absl::StrCat(kJobs, id); }

absl::StatusOr<std::string> ParseJobName(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kJobs) || !IsRandomId(id)) {
    return InvalidRequest(
        {{"name", "is not the name of a job; expected jobs/ and 32 hexadecimal digits"}});
  }
  return std::string(id);
}

absl::StatusOr<ImageName> ParseImageName(absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(name, absl::MaxSplits(kImages, 1));
  ImageName image;
  DARKROOM_ASSIGN_OR_RETURN(image.job, ParseJobName(parts.first));
  if (!absl::SimpleAtoi(parts.second, &image.index) || image.index < 0) {
    return InvalidRequest({{"name",
                            "is not the name of a picture; expected jobs/, 32 hexadecimal "
                            "digits, /images/ and a number from 0"}});
  }
  return image;
}

std::string InputName(absl::string_view id) { return absl::StrCat(kInputs, id); }

absl::StatusOr<std::string> ParseInputName(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kInputs) || !scheduler::CheckInputId(id).ok()) {
    return InvalidRequest(
        {{"name", "is not the name of an input; expected inputs/ and 64 hexadecimal digits"}});
  }
  return std::string(id);
}

std::string KeyName(absl::string_view id) { return absl::StrCat(kKeys, id); }

absl::StatusOr<std::string> ParseKeyName(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kKeys) || !IsRandomId(id)) {
    return InvalidRequest(
        {{"name", "is not the name of a key; expected keys/ and 32 hexadecimal digits"}});
  }
  return std::string(id);
}

std::string DeadLetterName(absl::string_view job) { return absl::StrCat(kDeadLetters, job); }

absl::StatusOr<std::string> ParseDeadLetterName(absl::string_view name) {
  absl::string_view job = name;
  if (!absl::ConsumePrefix(&job, kDeadLetters) || !IsRandomId(job)) {
    return InvalidRequest({{"name",
                            "is not the name of a dead letter; expected deadLetters/ and 32 "
                            "hexadecimal digits"}});
  }
  return std::string(job);
}

std::string WorkerName(absl::string_view id) { return absl::StrCat(kWorkers, id); }

absl::StatusOr<std::string> ParseWorkerName(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kWorkers) || !IsCatalogueId(id)) {
    return InvalidRequest({{"name",
                            "is not the name of a worker; expected workers/ and 1 to 64 "
                            "characters of a-z, 0-9, '.', '_', '-'"}});
  }
  return std::string(id);
}

std::string ModelName(absl::string_view id) { return absl::StrCat(kModels, id); }

absl::StatusOr<std::string> ParseModelName(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kModels) || !IsCatalogueId(id)) {
    return InvalidRequest({{"name",
                            "is not the name of a model; expected models/ and 1 to 64 characters "
                            "of a-z, 0-9, '.', '_', '-'"}});
  }
  return std::string(id);
}

}  // namespace darkroom::server
