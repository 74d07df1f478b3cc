#ifndef DARKROOM_SERVER_CORE_RESOURCE_NAME_H_
#define DARKROOM_SERVER_CORE_RESOURCE_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// Resource names (AIP-122). The parsers return the id, or InvalidRequest on the field "name".
std::string JobName(absl::string_view id);
absl::StatusOr<std::string> ParseJobName(absl::string_view name);

// "jobs/{job}/images/{index}"
struct ImageName {
  std::string job;  // id
  int index = 0;
};
absl::StatusOr<ImageName> ParseImageName(absl::string_view name);

// A picture that a request begins with, "inputs/{input}".
std::string InputName(absl::string_view id);
absl::StatusOr<std::string> ParseInputName(absl::string_view name);

std::string KeyName(absl::string_view id);
absl::StatusOr<std::string> ParseKeyName(absl::string_view name);

std::string DeadLetterName(absl::string_view job);
absl::StatusOr<std::string> ParseDeadLetterName(absl::string_view name);

std::string WorkerName(absl::string_view id);
absl::StatusOr<std::string> ParseWorkerName(absl::string_view name);

std::string ModelName(absl::string_view id);
absl::StatusOr<std::string> ParseModelName(absl::string_view name);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_RESOURCE_NAME_H_
