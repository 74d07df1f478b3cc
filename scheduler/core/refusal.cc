#include "scheduler/core/refusal.h"

#include <array>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace darkroom::scheduler {
namespace {

// Payload: the cause's number and the microseconds to wait.
constexpr absl::string_view kPayload = "darkroom/refusal";

absl::string_view Words(RefusalCause cause) {
  switch (cause) {
    case RefusalCause::kStoreFull:
      return "the queue's store is short of memory";
    case RefusalCause::kPoolFull:
      return "the queue is full";
    case RefusalCause::kTenantQueueFull:
      return "the tenant has as many jobs waiting as its tier allows";
    case RefusalCause::kDailyDeviceTime:
      return "the tenant has used the device time that its tier allows in a day";
  }
  return "refused";
}

}  // namespace

absl::Status RefusalError(const Refusal& refusal) {
  absl::Status status = absl::ResourceExhaustedError(Words(refusal.cause));
  status.SetPayload(kPayload, absl::Cord(absl::StrCat(static_cast<int>(refusal.cause), " ",
                                                      absl::ToInt64Microseconds(refusal.retry))));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  const std::pair<absl::string_view, absl::string_view> words = absl::StrSplit(text, ' ');
  int cause = 0;
  std::int64_t retry = 0;
  if (!absl::SimpleAtoi(words.first, &cause) || !absl::SimpleAtoi(words.second, &retry)) {
    return std::nullopt;
  }
  return Refusal{static_cast<RefusalCause>(cause), absl::Microseconds(retry)};
}

}  // namespace darkroom::scheduler
