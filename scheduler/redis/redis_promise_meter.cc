#include "scheduler/redis/redis_promise_meter.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

// "first:3" is a bucket of TierErrors::first.
constexpr absl::string_view kFirst = "first";
constexpr absl::string_view kNewest = "newest";

void AppendCounts(absl::string_view name, const ErrorHistogram& errors,
                  std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < errors.counts().size(); ++i) {
    if (errors.counts()[i] == 0) continue;
    arguments.push_back(absl::StrCat(name, ":", i));
    arguments.push_back(absl::StrCat(errors.counts()[i]));
  }
}

absl::Status AddField(absl::string_view field, const RedisReply& value, PromiseErrors& errors) {
  const std::vector<std::string> parts = absl::StrSplit(field, ':');
  std::size_t bucket = 0;
  const bool known = parts.size() == 3 && (parts[1] == kFirst || parts[1] == kNewest) &&
                     absl::SimpleAtoi(parts[2], &bucket) && bucket < ErrorHistogram::kBuckets;
  if (!known) return UnexpectedReply("a count of promises");
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t count, DecodeInteger(value));
  TierErrors& tier = errors[parts[0]];
  (parts[1] == kFirst ? tier.first : tier.newest).Add(bucket, count);
  return absl::OkStatus();
}

absl::StatusOr<PromiseErrors> DecodeErrors(const RedisReply& reply) {
  PromiseErrors errors;
  for (const RedisReply& window : reply.elements) {
    for (std::size_t i = 0; i + 1 < window.elements.size(); i += 2) {
      DARKROOM_RETURN_IF_ERROR(AddField(window.elements[i].text, window.elements[i + 1], errors));
    }
  }
  return errors;
}

}  // namespace

void RedisPromiseMeter::CountPromises(std::string tier, TierErrors errors, Done done) {
  if (absl::Status status = CheckTier(tier); !status.ok()) return done(status);
  std::vector<std::string> arguments = {std::move(tier), EncodeDuration(kWindow)};
  AppendCounts(kFirst, errors.first, arguments);
  AppendCounts(kNewest, errors.newest, arguments);
  pool_->RunDone(lua::kCountPromises, std::move(arguments), std::move(done));
}

void RedisPromiseMeter::ReadPromises(Callback<PromiseErrors> done) {
  pool_->Run<PromiseErrors>(lua::kReadPromises, {EncodeDuration(kWindow)}, &DecodeErrors,
                            std::move(done));
}

}  // namespace darkroom::scheduler
