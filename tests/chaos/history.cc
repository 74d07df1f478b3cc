#include "tests/chaos/history.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace darkroom::testing {

void History::Add(chaos::Entry entry) {
  MutexLock lock(&mutex_);
  entry.set_time_us(absl::ToUnixMicros(absl::Now()));
  std::string line;
  // An entry has no Any, so there is nothing that could not be written.
  (void)google::protobuf::util::MessageToJsonString(entry, &line);
  out_ << line << std::endl;
  entries_.push_back(std::move(entry));
}

void History::AddFault(std::string what, bool recovers) {
  chaos::Entry entry;
  entry.mutable_fault()->set_what(std::move(what));
  entry.mutable_fault()->set_recovers(recovers);
  Add(std::move(entry));
}

std::vector<chaos::Entry> History::entries() const {
  MutexLock lock(&mutex_);
  return entries_;
}

absl::StatusOr<std::vector<chaos::Entry>> ReadHistory(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file.string()));
  std::vector<chaos::Entry> entries;
  for (std::string line; std::getline(in, line);) {
    chaos::Entry entry;
    if (!google::protobuf::util::JsonStringToMessage(line, &entry).ok()) {
      return absl::DataLossError(
          absl::StrCat(file.string(), ":", entries.size() + 1, " is no entry of a history"));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace darkroom::testing
