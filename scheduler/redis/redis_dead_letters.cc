#include "scheduler/redis/redis_dead_letters.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::Status AssignNumber(const std::string& text, std::int64_t& number) {
  if (absl::SimpleAtoi(text, &number)) return absl::OkStatus();
  return UnexpectedReply("the terms of a job");
}

// A snapshot's fields hold the terms, too.
absl::StatusOr<DeadLetter> DecodeLetter(const RedisReply& reply) {
  DeadLetter letter;
  DARKROOM_ASSIGN_OR_RETURN(letter.job, DecodeSnapshot(reply));
  const std::vector<RedisReply>& fields = reply.elements[1].elements;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string& value = fields[i + 1].text;
    if (fields[i].text == "tier") letter.terms.tier = value;
    if (fields[i].text == "weight") {
      DARKROOM_RETURN_IF_ERROR(AssignNumber(value, letter.terms.weight));
    }
    if (fields[i].text == "max_running") {
      DARKROOM_RETURN_IF_ERROR(AssignNumber(value, letter.terms.max_running));
    }
  }
  return letter;
}

absl::StatusOr<DeadLetterPage> DecodeLetters(const RedisReply& reply) {
  if (reply.elements.empty()) return UnexpectedReply("a page of dead letters");
  DeadLetterPage page;
  page.next = reply.elements[0].text;
  for (std::size_t i = 1; i < reply.elements.size(); ++i) {
    DARKROOM_ASSIGN_OR_RETURN(DeadLetter letter, DecodeLetter(reply.elements[i]));
    page.letters.push_back(std::move(letter));
  }
  return page;
}

absl::StatusOr<DeadLetter> DecodeOneLetter(const RedisReply& reply) {
  if (reply.kind == RedisReply::Kind::kNil) return NoSuchDeadLetter();
  return DecodeLetter(reply);
}

}  // namespace

void RedisDeadLetters::ListDeadLetters(std::string after, int limit,
                                       Callback<DeadLetterPage> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  absl::StatusOr<DeadLetterPlace> place = ParseDeadLetterPlace(after);
  if (!place.ok()) return done(place.status());
  pool_->Run<DeadLetterPage>(
      lua::kListDead, {EncodeTime(place->forgotten), std::move(place->id), absl::StrCat(limit)},
      &DecodeLetters, std::move(done));
}

void RedisDeadLetters::GetDeadLetter(JobId id, Callback<DeadLetter> done) {
  if (!IsRandomId(id)) return done(NoSuchDeadLetter());
  pool_->Run<DeadLetter>(lua::kGetDead, {std::move(id)}, &DecodeOneLetter, std::move(done));
}

void RedisDeadLetters::RemoveDeadLetter(JobId id, Done done) {
  pool_->loop().Send({"ZREM", pool_->keys().DeadLetters(), std::move(id)},
                     [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                       done(reply.status());
                     });
}

}  // namespace darkroom::scheduler
