#include "server/openai/error_shape.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "server/core/api_error.h"
#include "server/http/error_detail.h"
#include "server/http/json.h"

namespace darkroom::server::openai {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(60);  // OpenAI's clients wait no longer

// What is told of our fields is about these of theirs. Beginnings; the first that fits counts.
struct FieldName {
  absl::string_view ours;
  absl::string_view theirs;
};
constexpr std::array<FieldName, 9> kFieldNames = {{
    {"width", "size"},
    {"height", "size"},
    {"image_count", "n"},
    {"steps", "quality"},
    {"negative_prompt", "prompt"},
    {"init_image.mask", "mask"},
    {"init_image", "image"},
    {"request_id", "Idempotency-Key"},
    {"preview_interval", "partial_images"},
}};

std::string TheirName(absl::string_view field) {
  const absl::string_view plain = absl::StripPrefix(field, "parameters.");
  for (const FieldName& name : kFieldNames) {
    if (plain == name.ours || absl::StartsWith(plain, absl::StrCat(name.ours, "."))) {
      return std::string(name.theirs);
    }
  }
  return std::string(plain);
}

std::string TypeOf(const http::Failure& failure) {
  if (failure.http_status == 429) return "rate_limit_error";
  return failure.http_status < 500 ? "invalid_request_error" : "server_error";
}

std::string CodeOf(const http::Failure& failure) {
  const std::string ours = http::ReasonOf(failure.status);
  if (failure.http_status == 401) return "invalid_api_key";
  if (ours == reason::kTooManyRequests) return "rate_limit_exceeded";
  if (ours == reason::kDailyDeviceTimeUsed) return "insufficient_quota";
  return absl::AsciiStrToLower(ours);
}

}  // namespace

std::string OpenAiErrorShape(const http::Failure& failure) {
  std::string message(failure.status.message());
  std::string param = "null";
  const auto bad = http::FindErrorDetail<google::rpc::BadRequest>(failure.status);
  if (bad.has_value() && bad->field_violations_size() > 0) {
    std::vector<std::string> complaints;
    for (const auto& violation : bad->field_violations()) {
      complaints.push_back(
          absl::StrCat(TheirName(violation.field()), " ", violation.description()));
    }
    message = absl::StrJoin(complaints, "; ");
    param = http::Quoted(TheirName(bad->field_violations(0).field()));
  }
  return absl::StrCat("{\"error\":{\"message\":", http::Quoted(message),
                      ",\"type\":", http::Quoted(TypeOf(failure)), ",\"param\":", param,
                      ",\"code\":", http::Quoted(CodeOf(failure)), "}}\n");
}

http::Failure WithRetryAdvice(http::Failure failure, bool queued, bool idempotent) {
  const auto retry = http::FindErrorDetail<google::rpc::RetryInfo>(failure.status);
  const bool soon = retry.has_value() && absl::Seconds(retry->retry_delay().seconds()) +
                                                 absl::Nanoseconds(retry->retry_delay().nanos()) <=
                                             kSoon;
  const bool found_again = idempotent && absl::IsUnavailable(failure.status);
  const bool helps = soon && (!queued || found_again);
  failure.headers.push_back({"X-Should-Retry", helps ? "true" : "false"});
  return failure;
}

}  // namespace darkroom::server::openai
