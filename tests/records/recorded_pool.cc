#include "tests/records/recorded_pool.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace darkroom::testing {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr absl::string_view kJob = "j:";
constexpr absl::Duration kRetention = absl::Hours(1);
// Field 900 of any message, 1: no message has it.
constexpr absl::string_view kUnknownField = "\xa0\x38\x01";

absl::StatusOr<RecordedPool::Words> ParseLine(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "\"") || !absl::ConsumeSuffix(&line, "\"")) {
    return absl::InvalidArgumentError("a line is not of quoted words");
  }
  RecordedPool::Words words;
  for (const absl::string_view quoted : absl::StrSplit(line, "\" \"")) {
    std::string word;
    if (!absl::CUnescape(quoted, &word)) {
      return absl::InvalidArgumentError(absl::StrCat("not a quoted word: ", quoted));
    }
    words.push_back(std::move(word));
  }
  if (words.size() < 3) return absl::InvalidArgumentError("a command without a value");
  return words;
}

// When the members of a sorted set have to be, so that they are not forgotten: nothing for one that
// may be as it was.
std::optional<absl::Time> Renewed(absl::string_view key, absl::Time now) {
  if (key == "models" || key == "fleet" || key == "documents") return now;
  if (absl::StartsWith(key, "w:")) return now;
  if (key == "dead" || key == "ended") return now + kRetention;
  return std::nullopt;
}

// Appends a field to every message among the values of a hash.
void ExtendMessages(RecordedPool::Words& command) {
  const absl::string_view key = command[1];
  const bool all = key == "records" || key == "worker_records" || key == "key_records";
  for (std::size_t i = 2; i + 1 < command.size(); i += 2) {
    if (all || command[i] == "spec" || command[i] == "result") {
      absl::StrAppend(&command[i + 1], kUnknownField);
    }
  }
}

std::int64_t OrderOf(const RecordedPool::Hash& job) {
  std::int64_t order = 0;
  return absl::SimpleAtoi(job.at("order"), &order) ? order : 0;
}

}  // namespace

absl::StatusOr<RecordedPool> RecordedPool::Read(const std::filesystem::path& file) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxBytes));
  RecordedPool pool;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    DARKROOM_ASSIGN_OR_RETURN(Words words, ParseLine(line));
    pool.commands_.push_back(std::move(words));
  }
  return pool;
}

std::vector<RecordedPool::Words> RecordedPool::Commands(absl::string_view pool,
                                                        absl::Time now) const {
  std::vector<Words> commands = commands_;
  for (Words& command : commands) {
    const std::optional<absl::Time> time = Renewed(command[1], now);
    for (std::size_t i = 2; time.has_value() && i < command.size(); i += 2) {
      command[i] = absl::StrCat(absl::ToUnixMicros(*time));
    }
    command[1] = absl::StrCat("dr:{", pool, "}:", command[1]);
  }
  return commands;
}

RecordedPool::Hash RecordedPool::Fields(absl::string_view key) const {
  Hash fields;
  for (const Words& command : commands_) {
    if (command[0] != "HSET" || command[1] != key) continue;
    for (std::size_t i = 2; i + 1 < command.size(); i += 2) fields[command[i]] = command[i + 1];
  }
  return fields;
}

std::map<std::string, RecordedPool::Hash> RecordedPool::Jobs() const {
  std::map<std::string, Hash> jobs;
  for (const Words& command : commands_) {
    if (!absl::StartsWith(command[1], kJob)) continue;
    jobs[std::string(absl::StripPrefix(command[1], kJob))] = Fields(command[1]);
  }
  return jobs;
}

std::vector<std::string> RecordedPool::JobsIn(absl::string_view state) const {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto& [id, job] : Jobs()) {
    if (job.at("state") == state) found.emplace_back(OrderOf(job), id);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (const auto& [order, id] : found) ids.push_back(id);
  return ids;
}

void RecordedPool::AddFieldsOfALaterVersion() {
  for (Words& command : commands_) {
    if (command[0] == "HSET") ExtendMessages(command);
    if (command[0] == "XADD" || absl::StartsWith(command[1], kJob)) {
      command.insert(command.end(), {"mood", "good"});
    }
  }
}

}  // namespace darkroom::testing
