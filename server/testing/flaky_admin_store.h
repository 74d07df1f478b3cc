#ifndef DARKROOM_SERVER_TESTING_FLAKY_ADMIN_STORE_H_
#define DARKROOM_SERVER_TESTING_FLAKY_ADMIN_STORE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "scheduler/core/audit_log.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/key_store.h"
#include "scheduler/core/request_limiter.h"
#include "scheduler/testing/in_memory_audit_log.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "scheduler/testing/in_memory_key_store.h"
#include "scheduler/testing/in_memory_request_limiter.h"
#include "scheduler/testing/in_memory_scheduler.h"

namespace darkroom::server {

// What a gateway keeps besides jobs, in memory. It can go away: then what a caller waits for is
// either refused with UNAVAILABLE or never answered. Thread-safe.
class FlakyAdminStore : public scheduler::KeyStore,
                        public scheduler::RequestLimiter,
                        public scheduler::DeadLetters,
                        public scheduler::AuditLog,
                        public scheduler::Fleet {
 public:
  enum class Mode { kUp, kRefuses, kSilent };

  explicit FlakyAdminStore(scheduler::DeadLetters& letters) : letters_(letters) {}

  void Become(Mode mode) { mode_ = mode; }

  void Put(scheduler::KeyEntry entry, Callback<std::int64_t> done) override {
    if (Up(done)) keys_.Put(std::move(entry), std::move(done));
  }
  void Get(std::string id, Callback<scheduler::KeyEntry> done) override {
    if (Up(done)) keys_.Get(std::move(id), std::move(done));
  }
  void ReadChanges(std::int64_t after, int limit, Callback<scheduler::KeyPage> done) override {
    if (Up(done)) keys_.ReadChanges(after, limit, std::move(done));
  }

  void Take(std::string tenant, scheduler::RequestRate rate,
            Callback<absl::Duration> done) override {
    if (Up(done)) requests_.Take(std::move(tenant), rate, std::move(done));
  }

  void ListDeadLetters(std::string after, int limit,
                       Callback<scheduler::DeadLetterPage> done) override {
    if (Up(done)) letters_.ListDeadLetters(std::move(after), limit, std::move(done));
  }
  void GetDeadLetter(scheduler::JobId id, Callback<scheduler::DeadLetter> done) override {
    if (Up(done)) letters_.GetDeadLetter(std::move(id), std::move(done));
  }
  void RemoveDeadLetter(scheduler::JobId id, Done done) override {
    letters_.RemoveDeadLetter(std::move(id), std::move(done));
  }
  void ReportWorker(scheduler::WorkerReport report, Callback<scheduler::WorkerWish> done) override {
    fleet_.ReportWorker(std::move(report), std::move(done));
  }
  void LeaveFleet(std::string worker, Done done) override {
    fleet_.LeaveFleet(std::move(worker), std::move(done));
  }
  void ListWorkers(Callback<std::vector<scheduler::WorkerEntry>> done) override {
    if (Up(done)) fleet_.ListWorkers(std::move(done));
  }
  void AskWorker(std::string worker, scheduler::WorkerWish wish,
                 Callback<scheduler::WorkerEntry> done) override {
    if (Up(done)) fleet_.AskWorker(std::move(worker), wish, std::move(done));
  }
  void AppendAudit(scheduler::AuditEntry entry, Done done) override {
    audit_.AppendAudit(std::move(entry), std::move(done));
  }
  void ReadAudit(std::string before, int limit, Callback<scheduler::AuditPage> done) override {
    if (Up(done)) audit_.ReadAudit(std::move(before), limit, std::move(done));
  }

 protected:
  Mode mode() const { return mode_; }

  // Whether the operation goes on; otherwise it has been refused or is forgotten.
  template <typename T>
  bool Up(Callback<T>& done) {
    if (mode_ == Mode::kRefuses) done(absl::UnavailableError("connection refused"));
    return mode_ == Mode::kUp;
  }

 private:
  scheduler::DeadLetters& letters_;
  scheduler::InMemoryKeyStore keys_{&Clock::System()};
  scheduler::InMemoryRequestLimiter requests_{&Clock::System()};
  scheduler::InMemoryFleet fleet_{&Clock::System()};
  scheduler::InMemoryAuditLog audit_{&Clock::System()};
  std::atomic<Mode> mode_ = Mode::kUp;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_FLAKY_ADMIN_STORE_H_
