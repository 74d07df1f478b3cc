#include "cli/job_api.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace darkroom::cli {

std::string JobName(absl::string_view name_or_id) {
  return absl::StrCat(absl::StartsWith(name_or_id, "jobs/") ? "" : "jobs/", name_or_id);
}

}  // namespace darkroom::cli
