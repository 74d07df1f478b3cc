#include "server/core/resource_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ids.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kJobs = "jobs/";
constexpr absl::string_view kModels = "models/";

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
