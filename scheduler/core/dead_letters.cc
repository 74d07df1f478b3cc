#include "scheduler/core/dead_letters.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids.h"

namespace darkroom::scheduler {

std::string RequeueId(absl::string_view job) {
  // Clients' request ids are printable.
  return absl::StrCat("\n", job);
}

std::string FormatDeadLetterPlace(const DeadLetterPlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.forgotten), "-", place.id);
}

absl::StatusOr<DeadLetterPlace> ParseDeadLetterPlace(absl::string_view token) {
  DeadLetterPlace place;
  if (token.empty()) return place;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits('-', 1));
  std::int64_t micros = 0;
  const bool numbered = absl::SimpleAtoi(parts.first, &micros) && micros >= 0;
  place.forgotten = absl::FromUnixMicros(micros);
  place.id = std::string(parts.second);
  if (!numbered || !IsRandomId(place.id) || FormatDeadLetterPlace(place) != token) {
    return absl::InvalidArgumentError("not a page token");
  }
  return place;
}

absl::Status NoSuchDeadLetter() { return absl::NotFoundError("no such dead letter"); }

}  // namespace darkroom::scheduler
