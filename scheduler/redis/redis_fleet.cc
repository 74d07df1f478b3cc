#include "scheduler/redis/redis_fleet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<WorkerWish> DecodeWish(const RedisReply& reply) {
  if (reply.text == "full") return TooManyWorkers();
  return ParseWish(reply.text);
}

absl::StatusOr<WorkerEntry> DecodeWorker(const RedisReply& reply) {
  if (reply.kind == RedisReply::Kind::kNil) return NoSuchWorker();
  if (reply.elements.size() != 4) return UnexpectedReply("a worker");
  WorkerEntry entry;
  entry.id = reply.elements[0].text;
  entry.record = reply.elements[1].text;
  DARKROOM_ASSIGN_OR_RETURN(entry.wish, ParseWish(reply.elements[2].text));
  DARKROOM_ASSIGN_OR_RETURN(entry.reported, DecodeTime(reply.elements[3].text));
  return entry;
}

absl::StatusOr<std::vector<WorkerEntry>> DecodeWorkers(const RedisReply& reply) {
  std::vector<WorkerEntry> workers;
  for (const RedisReply& element : reply.elements) {
    DARKROOM_ASSIGN_OR_RETURN(WorkerEntry entry, DecodeWorker(element));
    workers.push_back(std::move(entry));
  }
  return workers;
}

}  // namespace

void RedisFleet::ReportWorker(WorkerReport report, Callback<WorkerWish> done) {
  if (absl::Status status = CheckWorkerReport(report); !status.ok()) return done(status);
  pool_->Run<WorkerWish>(lua::kReportWorker,
                         {std::move(report.worker), std::move(report.record),
                          report.first ? "1" : "0", EncodeDuration(pool_->options().worker_timeout),
                          EncodeDuration(kWorkerMemory), absl::StrCat(kMaxWorkers)},
                         &DecodeWish, std::move(done));
}

void RedisFleet::LeaveFleet(std::string worker, Done done) {
  pool_->RunDone(lua::kLeaveFleet, {std::move(worker)}, std::move(done));
}

void RedisFleet::ListWorkers(Callback<std::vector<WorkerEntry>> done) {
  pool_->Run<std::vector<WorkerEntry>>(lua::kListWorkers,
                                       {EncodeDuration(pool_->options().worker_timeout)},
                                       &DecodeWorkers, std::move(done));
}

void RedisFleet::AskWorker(std::string worker, WorkerWish wish, Callback<WorkerEntry> done) {
  if (absl::Status status = CheckWorkerId(worker); !status.ok()) return done(status);
  pool_->Run<WorkerEntry>(lua::kAskWorker,
                          {std::move(worker), std::string(WishName(wish)),
                           EncodeDuration(pool_->options().worker_timeout)},
                          &DecodeWorker, std::move(done));
}

}  // namespace darkroom::scheduler
