// What administrators see of JobTable and InMemoryScheduler.

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "scheduler/testing/job_table.h"

namespace darkroom::scheduler {

DeadLetter JobTable::LetterOf(const Record& record) const {
  return {.job = Snapshot(record),
          .terms = {.tier = record.place.tier,
                    .weight = record.place.weight,
                    .max_running = record.place.max_running}};
}

std::vector<TierDepth> JobTable::DepthByTier() const {
  std::map<std::string, TierDepth> depths;
  std::map<std::string, std::map<std::string, ModelDepth>> models;  // by tier
  for (const auto& [order, record] : queued_) {
    TierDepth& depth = depths[record->place.tier];
    depth.tier = record->place.tier;
    depth.weight = record->place.weight;
    ++depth.queued;
    depth.queued_cost += record->place.cost;
    depth.oldest = std::min(depth.oldest, record->job.submitted);
    ModelDepth& of_model = models[depth.tier][record->job.model];
    of_model.model = record->job.model;
    ++of_model.queued;
    of_model.oldest = std::min(of_model.oldest, record->job.submitted);
  }
  std::vector<TierDepth> listed;
  for (auto& [tier, depth] : depths) {
    for (auto& [id, of_model] : models[tier]) depth.models.push_back(std::move(of_model));
    listed.push_back(std::move(depth));
  }
  return listed;
}

DeadLetterPage JobTable::ListDeadLetters(const DeadLetterPlace& after, int limit) const {
  std::vector<const Record*> dead;
  for (const auto& [id, record] : jobs_) {
    if (!record.dead) continue;
    const bool shown = std::tie(record.job.forgotten, id) >= std::tie(after.forgotten, after.id);
    if (after.id.empty() || !shown) dead.push_back(&record);
  }
  std::sort(dead.begin(), dead.end(), [](const Record* a, const Record* b) {
    return std::tie(a->job.forgotten, a->job.id) > std::tie(b->job.forgotten, b->job.id);
  });
  DeadLetterPage page;
  for (const Record* record : dead) {
    if (static_cast<int>(page.letters.size()) == limit) {
      const JobSnapshot& last = page.letters.back().job;
      page.next = FormatDeadLetterPlace({last.forgotten, last.id});
      break;
    }
    page.letters.push_back(LetterOf(*record));
  }
  return page;
}

absl::StatusOr<DeadLetter> JobTable::GetDeadLetter(const JobId& id) const {
  const Record* record = Find(id);
  if (record == nullptr || !record->dead) return NoSuchDeadLetter();
  return LetterOf(*record);
}

void JobTable::RemoveDeadLetter(const JobId& id) {
  if (Record* record = Find(id)) record->dead = false;
}

void InMemoryScheduler::DepthByTier(Callback<std::vector<TierDepth>> done) {
  auto depths = [&] {
    MutexLock lock(&mutex_);
    return table_.DepthByTier();
  };
  done(depths());
}

void InMemoryScheduler::ListDeadLetters(std::string after, int limit,
                                        Callback<DeadLetterPage> done) {
  auto list = [&]() -> absl::StatusOr<DeadLetterPage> {
    DARKROOM_RETURN_IF_ERROR(CheckLimit(limit));
    DARKROOM_ASSIGN_OR_RETURN(const DeadLetterPlace place, ParseDeadLetterPlace(after));
    MutexLock lock(&mutex_);
    table_.Forget(clock_->Now());
    return table_.ListDeadLetters(place, limit);
  };
  done(list());
}

void InMemoryScheduler::GetDeadLetter(JobId id, Callback<DeadLetter> done) {
  auto get = [&] {
    MutexLock lock(&mutex_);
    table_.Forget(clock_->Now());
    return table_.GetDeadLetter(id);
  };
  done(get());
}

void InMemoryScheduler::RemoveDeadLetter(JobId id, Done done) {
  {
    MutexLock lock(&mutex_);
    table_.RemoveDeadLetter(id);
  }
  done(absl::OkStatus());
}

}  // namespace darkroom::scheduler
