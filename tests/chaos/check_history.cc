#include "tests/chaos/check_history.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/testing/event_order.h"

namespace darkroom::testing {
namespace {

namespace v1 = darkroom::v1;
using chaos::Entry;

bool IsTerminal(v1::JobState state) {
  return state != v1::JOB_STATE_UNSPECIFIED && state != v1::JOB_STATE_QUEUED &&
         state != v1::JOB_STATE_RUNNING;
}

// One watcher's way through its job's events.
struct Watch {
  std::string job;
  std::int64_t last = 0;
  std::optional<v1::Job> end;
  bool closed = false;
};

class Judge {
 public:
  std::vector<std::string> Run(const std::vector<Entry>& history) {
    for (const Entry& entry : history) Look(entry);
    if (!census_.has_value()) {
      Blame("A", "the history has no census");
      return std::move(violations_);
    }
    for (const auto& [job, images] : acknowledged_) CheckEnd(job, images);
    CheckWatchers(history);
    CheckIndexes();
    CheckRecovery(history);
    return std::move(violations_);
  }

 private:
  template <typename... Parts>
  void Blame(absl::string_view invariant, const Parts&... parts) {
    violations_.push_back(absl::StrCat(invariant, ": ", parts...));
  }

  void Look(const Entry& entry) {
    switch (entry.kind_case()) {
      case Entry::kAcknowledged:
        return LookAt(entry.acknowledged());
      case Entry::kRefused:
        return LookAt(entry.refused());
      case Entry::kSeen:
        return LookAt(entry.seen());
      case Entry::kCensus:
        census_ = entry.census();
        for (const v1::Job& job : census_->jobs()) jobs_[job.name()] = job;
        return;
      default:
        return;
    }
  }

  void LookAt(const chaos::Acknowledged& entry) {
    acknowledged_[entry.job()] = entry.images();
    const auto [known, is_new] = job_of_request_.try_emplace(entry.request(), entry.job());
    if (!is_new && known->second != entry.job()) {
      Blame("A", "request ", entry.request(), " made ", known->second, " and ", entry.job());
    }
  }

  void LookAt(const chaos::Refused& entry) {
    static const auto& clean =
        *new std::set<std::string>{"UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"};
    if (!clean.contains(entry.code())) {
      Blame("J", "request ", entry.request(), " was refused with ", entry.code());
    }
  }

  void LookAt(const chaos::Seen& seen) {
    const v1::JobEvent& event = seen.event();
    Watch& watch = watches_[seen.watcher()];
    watch.job = event.job();
    if (watch.end.has_value()) {
      Blame("C", "watcher ", seen.watcher(), " saw more of ", event.job(), " after its end");
    }
    if (!server::Follows(watch.last, event)) {
      Blame("C", "watcher ", seen.watcher(), " of ", event.job(), " saw ", event.sequence(),
            " after ", watch.last);
    }
    watch.last = event.sequence();
    if (event.has_finished()) watch.end = event.finished().job();
  }

  void CheckEnd(const std::string& name, int images) {
    const auto found = jobs_.find(name);
    if (found == jobs_.end()) return Blame("A", name, " was acknowledged and is gone");
    const v1::Job& job = found->second;
    if (!IsTerminal(job.state())) {
      return Blame("A", name, " is left ", v1::JobState_Name(job.state()));
    }
    if (job.state() == v1::JOB_STATE_SUCCEEDED && job.images_size() != images) {
      Blame("B", name, " has ", job.images_size(), " pictures of ", images);
    }
  }

  void CheckWatchers(const std::vector<Entry>& history) {
    for (const Entry& entry : history) {
      if (entry.has_watched()) CheckWatcher(entry.watched());
    }
    for (const auto& [number, watch] : watches_) {
      if (!watch.closed) Blame("C", "watcher ", number, " of ", watch.job, " is still waiting");
    }
  }

  void CheckWatcher(const chaos::Watched& watched) {
    Watch& watch = watches_[watched.watcher()];
    watch.closed = true;
    if (!watched.error().empty() || !watch.end.has_value()) {
      return Blame("C", "watcher ", watched.watcher(), " of ", watched.job(),
                   " did not see the end: ", watched.error());
    }
    const v1::Job& job = jobs_[watched.job()];
    if (watch.last != job.last_sequence()) {
      Blame("C", watched.job(), " ended with ", watch.last, " and went on to ",
            job.last_sequence());
    }
    if (watch.end->state() != job.state()) {
      Blame("A", watched.job(), " ended ", v1::JobState_Name(watch.end->state()), " and ",
            v1::JobState_Name(job.state()));
    }
    if (job.state() != v1::JOB_STATE_SUCCEEDED) return;
    bool same = watched.sha256_size() == job.images_size();
    for (int i = 0; same && i < job.images_size(); ++i) {
      same = watched.sha256(i) == job.images(i).sha256();
    }
    if (!same) Blame("B", "watcher ", watched.watcher(), " got other pictures of ", job.name());
  }

  void CheckIndexes() {
    const std::pair<absl::string_view, std::int64_t> empty[] = {{"queued", census_->queued()},
                                                                {"leases", census_->leases()},
                                                                {"running", census_->running()},
                                                                {"waiting", census_->waiting()}};
    for (const auto& [index, size] : empty) {
      if (size != 0) Blame("D", index, " holds ", size, " entries though every job has ended");
    }
    if (census_->ended() != census_->jobs_size()) {
      Blame("D", "ended holds ", census_->ended(), " entries of ", census_->jobs_size(), " jobs");
    }
  }

  // Jobs that run, and since when each waits for a sign of life after a fault.
  void CheckRecovery(const std::vector<Entry>& history) {
    std::map<std::string, std::int64_t> running;  // 0: nothing is amiss
    for (const Entry& entry : history) {
      if (entry.has_fault() && entry.fault().recovers()) {
        for (auto& [job, silent_since] : running) {
          if (silent_since == 0) silent_since = entry.time_us();
        }
      }
      if (!entry.has_seen()) continue;
      const v1::JobEvent& event = entry.seen().event();
      const auto found = running.find(event.job());
      if (found != running.end() && found->second != 0 && !event.has_queued()) {
        const absl::Duration silence = absl::Microseconds(entry.time_us() - found->second);
        if (silence > kRecovery) {
          Blame("G", event.job(), " came back after ", absl::FormatDuration(silence));
        }
        found->second = 0;
      }
      if (event.has_started()) running.try_emplace(event.job(), 0);
      if (event.has_finished()) running.erase(event.job());
    }
  }

  std::vector<std::string> violations_;
  std::map<std::string, int> acknowledged_;  // job → pictures asked for
  std::map<std::string, std::string> job_of_request_;
  std::map<int, Watch> watches_;
  std::map<std::string, v1::Job> jobs_;  // of the census
  std::optional<chaos::Census> census_;
};

}  // namespace

std::vector<std::string> Violations(const std::vector<Entry>& history) {
  return Judge().Run(history);
}

}  // namespace darkroom::testing
