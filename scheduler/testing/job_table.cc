#include "scheduler/testing/job_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <variant>

#include "scheduler/core/checks.h"

namespace darkroom::scheduler {
namespace {

absl::Duration MeasuredOf(const JobOutcome& outcome) {
  return absl::Trunc(DeviceTimeOf(outcome), absl::Microseconds(1));
}

JobState StateAfter(const JobOutcome& outcome) {
  // In the order of the variant.
  constexpr JobState kStates[] = {JobState::kSucceeded, JobState::kFailed, JobState::kCancelled,
                                  JobState::kExpired};
  return kStates[outcome.index()];
}

}  // namespace

absl::Time JobTable::Rounded(absl::Time time) {
  if (time == absl::InfiniteFuture()) return time;
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

void JobTable::Forget(absl::Time now) {
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (it->second.job.forgotten > now) {
      ++it;
      continue;
    }
    requests_.erase(it->second.idempotency);
    it = jobs_.erase(it);
  }
  usage_.Forget(now);
  steps_.Forget(now);
  std::erase_if(answers_, [now](const auto& entry) { return entry.second.expiry <= now; });
}

absl::StatusOr<JobSnapshot> JobTable::Get(absl::string_view tenant, absl::string_view id) const {
  const Record* record = Find(id);
  if (record == nullptr || record->job.tenant != tenant) return NoSuchJob();
  return Snapshot(*record);
}

JobPage JobTable::List(absl::string_view tenant, std::int64_t before, int limit) const {
  std::vector<const Record*> own;
  for (const auto& [id, record] : jobs_) {
    if (record.job.tenant == tenant && record.place.order < before) own.push_back(&record);
  }
  std::sort(own.begin(), own.end(),
            [](const Record* a, const Record* b) { return a->place.order > b->place.order; });
  JobPage page;
  for (const Record* record : own) {
    if (static_cast<int>(page.jobs.size()) == limit) {
      page.next = FormatPageToken(Find(page.jobs.back().id)->place.order);
      break;
    }
    page.jobs.push_back(Snapshot(*record));
  }
  return page;
}

absl::StatusOr<JobSnapshot> JobTable::Cancel(absl::string_view tenant, absl::string_view id,
                                             absl::Time now) {
  Record* record = Find(id);
  if (record == nullptr || record->job.tenant != tenant) return NoSuchJob();
  if (record->job.state == JobState::kQueued) {
    record->job.cancel_requested = true;
    End(*record, JobState::kCancelled, now);
  } else if (record->job.state == JobState::kRunning && !record->job.cancel_requested) {
    record->job.cancel_requested = true;
    topics_.push_back(JobTopic{record->job.id});
  }
  return Snapshot(*record);
}

QueueDepth JobTable::Depth() const {
  QueueDepth depth;
  for (const auto& [id, record] : jobs_) {
    if (record.job.state == JobState::kQueued) {
      ++depth.queued;
      depth.queued_cost += record.job.cost;
    }
    if (record.job.state == JobState::kRunning) ++depth.running;
    if (record.dead) ++depth.dead;
  }
  return depth;
}

std::vector<LeasedJob> JobTable::Acquire(const LeaseRequest& request, absl::Time now) {
  if (const auto known = answers_.find(request.token); known != answers_.end()) {
    return GiveAgain(known->second, now);
  }
  const int resident = std::clamp(request.resident, 0, static_cast<int>(request.models.size()));
  std::vector<std::string> preferred(request.models.begin(), request.models.begin() + resident);
  absl::Duration slack = request.affinity_slack;
  std::vector<LeasedJob> leased;
  std::set<std::int64_t> passed;
  for (int visits = kMaxItems; static_cast<int>(leased.size()) < request.limit;) {
    const std::optional<FairPick> next = order_.Next({.models = request.models,
                                                      .preferred = preferred,
                                                      .slack = slack,
                                                      .version = request.spec_version,
                                                      .passed = &passed},
                                                     &visits);
    if (!next.has_value()) break;
    Record& record = *queued_.at(next->job.order);
    if (record.job.deadline <= now) {
      record.job.failure = DeadlinePassed();
      End(record, JobState::kExpired, now);
      continue;
    }
    order_.Take(*next, request.models);
    Lease(record, request.worker, now);
    leased.push_back(Give(record, now));
    preferred = {record.job.model};  // what joins it in a batch
    slack = request.fill_slack;
  }
  if (request.token.empty() || leased.empty()) return leased;
  Answer& answer = answers_[request.token];
  answer.expiry = now + lease_;
  for (const LeasedJob& job : leased) answer.leases.push_back({.id = job.id, .fence = job.fence});
  return leased;
}

std::vector<LeasedJob> JobTable::GiveAgain(Answer& answer, absl::Time now) {
  answer.expiry = now + lease_;
  std::vector<LeasedJob> leased;
  for (const LeaseKey& key : answer.leases) {
    if (Record* record = FindHeld(key)) leased.push_back(Give(*record, now));
  }
  return leased;
}

void JobTable::Lease(Record& record, const std::string& worker, absl::Time now) {
  CountThroughput(absl::ZeroDuration(), now);
  queued_.erase(record.place.order);
  JobSnapshot& job = record.job;
  job.state = JobState::kRunning;
  ++job.fence;
  ++job.attempts;
  job.worker = worker;
  if (job.started == absl::InfiniteFuture()) job.started = Rounded(now);
  record.lease_end = LeaseEnd::kHeld;
  AddEvent(record, StartedEvent{.attempt = job.attempts}, now);
}

LeasedJob JobTable::Give(Record& record, absl::Time now) {
  record.lease_expiry = now + lease_;
  const JobSnapshot& job = record.job;
  return {.id = job.id,
          .fence = job.fence,
          .attempt = job.attempts,
          .tenant = job.tenant,
          .tier = record.place.tier,
          .model = job.model,
          .spec = job.spec,
          .waited = Rounded(now) - job.submitted,
          .deadline = job.deadline,
          .step_saved = steps_.Has(job.id),
          .traceparent = job.traceparent};
}

LeaseStatus JobTable::Renew(const LeaseKey& key, absl::Time now) {
  Record* record = FindHeld(key);
  if (record == nullptr) return LeaseStatus::kLost;
  record->lease_expiry = now + lease_;
  return record->job.cancel_requested ? LeaseStatus::kCancelRequested : LeaseStatus::kHeld;
}

JobTable::LeaseEnd JobTable::EndOf(const JobOutcome& outcome) {
  const auto* failed = std::get_if<Failed>(&outcome);
  if (failed != nullptr && failed->crash) return LeaseEnd::kCrashed;
  // In the order of the variant.
  constexpr LeaseEnd kEnds[] = {LeaseEnd::kSucceeded, LeaseEnd::kFailed, LeaseEnd::kCancelled,
                                LeaseEnd::kExpired};
  return kEnds[outcome.index()];
}

absl::Status JobTable::Finish(const LeaseKey& key, const JobOutcome& outcome, absl::Time now) {
  Record* record = Find(key.id);
  if (record == nullptr || record->job.fence != key.fence) return LeaseLost();
  const LeaseEnd end = EndOf(outcome);
  if (record->lease_end == end) return absl::OkStatus();  // repeated
  if (FindHeld(key) == nullptr) return LeaseLost();
  if (end == LeaseEnd::kCrashed) {
    HandBack(*record, end, MeasuredOf(outcome), std::get<Failed>(outcome).failure, now);
    return absl::OkStatus();
  }
  EndLease(*record, end, MeasuredOf(outcome));
  record->job.device_time = MeasuredOf(outcome);
  if (const auto* succeeded = std::get_if<Succeeded>(&outcome)) {
    record->job.result = succeeded->result;
    CountThroughput(record->place.cost, now);
  }
  if (const auto* failed = std::get_if<Failed>(&outcome)) record->job.failure = failed->failure;
  if (end == LeaseEnd::kExpired) record->job.failure = DeadlinePassed();
  End(*record, StateAfter(outcome), now);
  return absl::OkStatus();
}

absl::Status JobTable::Release(const LeaseKey& key, absl::Time now) {
  Record* record = Find(key.id);
  if (record == nullptr || record->job.fence != key.fence) return LeaseLost();
  if (record->lease_end == LeaseEnd::kDrained) return absl::OkStatus();  // repeated
  if (FindHeld(key) == nullptr) return LeaseLost();
  --record->job.attempts;
  HandBack(*record, LeaseEnd::kDrained, absl::ZeroDuration(), {}, now);
  return absl::OkStatus();
}

void JobTable::EndLease(Record& record, LeaseEnd end, absl::Duration measured) {
  record.lease_end = end;
  if (order_.EndLease(record.place, measured)) topics_.push_back(WorkTopic{});
  CountUsage(record, measured);
}

AfterLease JobTable::HandBack(Record& record, LeaseEnd end, absl::Duration measured,
                              const Failure& failure, absl::Time now) {
  EndLease(record, end, measured);
  if (end != LeaseEnd::kDrained) {
    ++record.crashes;
    steps_.RemoveForeign({.id = record.job.id, .fence = record.job.fence});
  }
  const AfterLease after = NextAfterLease({.crashes = record.crashes,
                                           .cancel_requested = record.job.cancel_requested,
                                           .deadline_passed = record.job.deadline <= now});
  switch (after) {
    case AfterLease::kRequeue:
      Enqueue(record, true, now);
      break;
    case AfterLease::kCancelled:
      End(record, JobState::kCancelled, now);
      break;
    case AfterLease::kExpired:
      record.job.failure = DeadlinePassed();
      End(record, JobState::kExpired, now);
      break;
    case AfterLease::kDeadLetter:
      record.job.failure = failure;
      record.dead = true;
      End(record, JobState::kFailed, now);
      break;
  }
  return after;
}

ReapReport JobTable::Reap(int limit, absl::Time now) {
  ReapReport report;
  std::vector<Record*> lapsed;
  std::vector<Record*> late;
  for (auto& [id, record] : jobs_) {
    const JobSnapshot& job = record.job;
    if (job.state == JobState::kRunning && record.lease_expiry <= now) lapsed.push_back(&record);
    if (job.state == JobState::kQueued && job.deadline <= now) late.push_back(&record);
  }
  report.more = static_cast<int>(std::max(lapsed.size(), late.size())) >= limit;
  std::sort(lapsed.begin(), lapsed.end(),
            [](const Record* a, const Record* b) { return a->lease_expiry < b->lease_expiry; });
  lapsed.resize(std::min<std::size_t>(lapsed.size(), limit));
  late.resize(std::min<std::size_t>(late.size(), limit));
  for (Record* record : late) {
    record->job.failure = DeadlinePassed();
    End(*record, JobState::kExpired, now);
    ++report.expired;
  }
  for (Record* record : lapsed) {
    const AfterLease after =
        HandBack(*record, LeaseEnd::kLapsed, absl::ZeroDuration(), WorkerLost(), now);
    if (after == AfterLease::kRequeue) ++report.requeued;
    if (after == AfterLease::kDeadLetter) ++report.dead;
    if (after == AfterLease::kExpired) ++report.expired;
  }
  return report;
}

absl::Status JobTable::Append(const LeaseKey& key, const WorkerEvent& event, absl::Time now) {
  Record* record = FindHeld(key);
  if (record == nullptr) return LeaseLost();
  std::visit([&](const auto& body) { AddEvent(*record, body, now); }, event);
  return absl::OkStatus();
}

std::vector<JobEvent> JobTable::Read(absl::string_view id, std::int64_t after, int limit) const {
  const Record* record = Find(id);
  return record == nullptr ? std::vector<JobEvent>() : record->history.Read(after, limit);
}

absl::Status JobTable::PutPreview(const LeaseKey& key, int image, std::string jpeg) {
  Record* record = FindHeld(key);
  if (record == nullptr) return LeaseLost();
  record->previews[image] = std::move(jpeg);
  return absl::OkStatus();
}

absl::StatusOr<std::string> JobTable::GetPreview(absl::string_view id, int image) const {
  const Record* record = Find(id);
  if (record == nullptr) return NoSuchPreview();
  const auto preview = record->previews.find(image);
  if (preview == record->previews.end()) return NoSuchPreview();
  return preview->second;
}

absl::Status JobTable::PutStep(const LeaseKey& key, std::string bytes, absl::Time now) {
  if (FindHeld(key) == nullptr) return LeaseLost();
  steps_.Put(key, std::move(bytes), now + retention_);
  return absl::OkStatus();
}

JobTable::Record* JobTable::Find(absl::string_view id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

const JobTable::Record* JobTable::Find(absl::string_view id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

JobTable::Record* JobTable::FindHeld(const LeaseKey& key) {
  Record* record = Find(key.id);
  if (record == nullptr || record->job.state != JobState::kRunning) return nullptr;
  return record->job.fence == key.fence ? record : nullptr;
}

JobSnapshot JobTable::Snapshot(const Record& record) const {
  JobSnapshot job = record.job;
  if (job.state != JobState::kQueued) return job;
  const QueuePlace place = order_.PlaceOf(record.place);
  job.position = place.position;
  job.cost_ahead = place.cost_ahead;
  job.throughput = throughput_;
  return job;
}

void JobTable::AddEvent(Record& record, EventBody body, absl::Time now) {
  record.job.last_sequence = record.history.Add(std::move(body), Rounded(now));
  topics_.push_back(JobTopic{record.job.id});
}

void JobTable::Enqueue(Record& record, bool requeued, absl::Time now) {
  CountThroughput(absl::ZeroDuration(), now);
  record.job.state = JobState::kQueued;
  queued_[record.place.order] = &record;
  order_.Enqueue(record.place);
  AddEvent(record,
           QueuedEvent{.position = order_.PlaceOf(record.place).position, .requeued = requeued},
           now);
  topics_.push_back(WorkTopic{});
}

void JobTable::CountThroughput(absl::Duration cost, absl::Time now) {
  const absl::Duration passed = std::max(now - counted_, absl::ZeroDuration());
  counted_ = now;
  if (!queued_.empty()) throughput_.Pass(absl::Trunc(passed, absl::Microseconds(1)), cost);
}

void JobTable::CountUsage(const Record& record, absl::Duration change) {
  if (record.day.has_value()) usage_.Correct(*record.day, record.job.tenant, change);
}

void JobTable::End(Record& record, JobState state, absl::Time now) {
  if (queued_.erase(record.place.order) > 0) order_.Remove(record.place);
  CountUsage(record, -record.place.cost);
  steps_.Remove(record.job.id);
  record.job.state = state;
  record.job.finished = Rounded(now);
  record.job.forgotten = Rounded(now + retention_);
  AddEvent(record, FinishedEvent{.state = state}, now);
}

}  // namespace darkroom::scheduler
