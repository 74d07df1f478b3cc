#include "scheduler/redis/redis_lease_store.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

// What acquire.lua returns.
struct Acquired {
  std::int64_t passed = 0;  // jobs that ask for a later version of the worker
  std::vector<LeasedJob> jobs;
};

absl::StatusOr<Acquired> DecodeAcquired(const RedisReply& reply) {
  if (reply.elements.empty()) return UnexpectedReply("leased jobs");
  Acquired acquired;
  DARKROOM_ASSIGN_OR_RETURN(acquired.passed, DecodeInteger(reply.elements[0]));
  for (std::size_t i = 1; i < reply.elements.size(); ++i) {
    DARKROOM_ASSIGN_OR_RETURN(LeasedJob job, DecodeLeasedJob(reply.elements[i]));
    acquired.jobs.push_back(std::move(job));
  }
  return acquired;
}

absl::StatusOr<std::vector<LeaseStatus>> DecodeStatuses(const RedisReply& reply) {
  std::vector<LeaseStatus> statuses;
  for (const RedisReply& element : reply.elements) {
    if (element.text == "held") {
      statuses.push_back(LeaseStatus::kHeld);
    } else if (element.text == "cancel") {
      statuses.push_back(LeaseStatus::kCancelRequested);
    } else if (element.text == "lost") {
      statuses.push_back(LeaseStatus::kLost);
    } else {
      return UnexpectedReply("a lease's status");
    }
  }
  return statuses;
}

absl::StatusOr<ReapReport> DecodeReport(const RedisReply& reply) {
  if (reply.elements.size() != 5) return UnexpectedReply("the reaper's report");
  return ReapReport{.requeued = static_cast<int>(reply.elements[0].integer),
                    .dead = static_cast<int>(reply.elements[1].integer),
                    .expired = static_cast<int>(reply.elements[2].integer),
                    .adopted = static_cast<int>(reply.elements[4].integer),
                    .more = reply.elements[3].integer == 1};
}

// {kind, result, reason, message, device time}: what finish.lua takes.
struct OutcomeEncoder {
  std::vector<std::string> operator()(Succeeded& outcome) const {
    return {"succeeded", std::move(outcome.result), "", "", EncodeDuration(outcome.device_time)};
  }
  std::vector<std::string> operator()(Failed& outcome) const {
    return {outcome.crash ? "crashed" : "failed", "", std::move(outcome.failure.reason),
            std::move(outcome.failure.message), EncodeDuration(outcome.device_time)};
  }
  std::vector<std::string> operator()(Cancelled& outcome) const {
    return {"cancelled", "", "", "", EncodeDuration(outcome.device_time)};
  }
  std::vector<std::string> operator()(Expired& outcome) const {
    return {"expired", "", "", "", EncodeDuration(outcome.device_time)};
  }
};

}  // namespace

void RedisLeaseStore::Acquire(LeaseRequest request, Callback<std::vector<LeasedJob>> done) {
  if (absl::Status status = CheckLeaseRequest(request); !status.ok()) return done(status);
  std::vector<std::string> arguments = {std::move(request.worker),
                                        absl::StrCat(request.limit),
                                        EncodeDuration(pool_->options().lease),
                                        EncodeDuration(pool_->options().retention),
                                        std::move(request.token),
                                        absl::StrCat(request.resident),
                                        EncodeDuration(request.affinity_slack),
                                        EncodeDuration(request.fill_slack),
                                        absl::StrCat(request.spec_version)};
  for (std::string& model : request.models) arguments.push_back(std::move(model));
  pool_->Run<Acquired>(
      lua::kAcquire, std::move(arguments), &DecodeAcquired,
      [warned = warned_, done = std::move(done)](absl::StatusOr<Acquired> acquired) mutable {
        if (!acquired.ok()) return done(acquired.status());
        if (acquired->passed > 0 && !warned->exchange(true)) {
          log::Warning("jobs wait for a worker of a later version",
                       {{"passed over", acquired->passed}});
        }
        done(std::move(acquired->jobs));
      });
}

void RedisLeaseStore::Renew(std::vector<LeaseKey> keys, Callback<std::vector<LeaseStatus>> done) {
  if (absl::Status status = CheckRenewal(keys); !status.ok()) return done(status);
  std::vector<std::string> arguments = {EncodeDuration(pool_->options().lease)};
  for (LeaseKey& key : keys) {
    arguments.push_back(std::move(key.id));
    arguments.push_back(absl::StrCat(key.fence));
  }
  pool_->Run<std::vector<LeaseStatus>>(lua::kRenew, std::move(arguments), &DecodeStatuses,
                                       std::move(done));
}

void RedisLeaseStore::Finish(LeaseKey key, JobOutcome outcome, Done done) {
  std::vector<std::string> arguments = {std::move(key.id), absl::StrCat(key.fence)};
  for (std::string& word : std::visit(OutcomeEncoder(), outcome)) {
    arguments.push_back(std::move(word));
  }
  arguments.push_back(EncodeDuration(pool_->options().retention));
  pool_->RunDone(lua::kFinish, std::move(arguments), std::move(done));
}

void RedisLeaseStore::Release(LeaseKey key, Done done) {
  pool_->RunDone(
      lua::kRelease,
      {std::move(key.id), absl::StrCat(key.fence), EncodeDuration(pool_->options().retention)},
      std::move(done));
}

void RedisLeaseStore::Reap(int limit, Callback<ReapReport> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  pool_->Run<ReapReport>(lua::kReap,
                         {absl::StrCat(limit), EncodeDuration(pool_->options().retention)},
                         &DecodeReport, std::move(done));
}

}  // namespace darkroom::scheduler
