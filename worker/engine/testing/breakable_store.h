#ifndef DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_
#define DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/testing/in_memory_scheduler.h"

namespace darkroom::worker {

// A worker's ports before an in-memory scheduler, for tests: notes what is asked and written, and
// while `failure` is not OK answers everything with it instead. Thread-compatible.
class BreakableStore : public scheduler::LeaseStore,
                       public scheduler::EventBus,
                       public scheduler::ResultStore {
 public:
  explicit BreakableStore(scheduler::InMemoryScheduler& inner) : inner_(inner) {}

  absl::Status failure;                           // of every operation
  absl::Status put_failure;                       // of ResultStore::Put alone
  absl::Status step_failure;                      // of PutStep alone
  bool withholding = false;                       // Acquire answers when Deliver or Lose is called
  bool withholding_steps = false;                 // PutStep answers when DeliverStep is called
  bool losing_hints = false;                      // subscribers are told nothing
  std::vector<scheduler::LeaseRequest> requests;  // of Acquire
  int renewed = 0;                                // leases in Renew
  std::vector<std::string> writes;                // under a fence: the operations' names, in order

  // Answers what was withheld.
  void Deliver() {
    for (Withheld& answer : std::exchange(withheld_, {})) answer.done(std::move(answer.jobs));
  }
  void DeliverStep() { withheld_step_(absl::OkStatus()); }
  // Does not, as when the connection breaks after the operation is done.
  void Lose() {
    for (Withheld& answer : std::exchange(withheld_, {})) {
      answer.done(absl::UnavailableError("the connection is lost"));
    }
  }

  void Acquire(scheduler::LeaseRequest request,
               Callback<std::vector<scheduler::LeasedJob>> done) override {
    requests.push_back(request);
    if (!failure.ok()) return done(failure);
    if (!withholding) return inner_.Acquire(std::move(request), std::move(done));
    inner_.Acquire(std::move(request), [&](auto jobs) {
      withheld_.push_back({std::move(done), std::move(jobs)});
    });
  }
  void Renew(std::vector<scheduler::LeaseKey> keys,
             Callback<std::vector<scheduler::LeaseStatus>> done) override {
    if (!failure.ok()) return done(failure);
    renewed += static_cast<int>(keys.size());
    inner_.Renew(std::move(keys), std::move(done));
  }
  void Finish(scheduler::LeaseKey key, scheduler::JobOutcome outcome, Done done) override {
    if (Refuses("Finish", done)) return;
    inner_.Finish(std::move(key), std::move(outcome), std::move(done));
  }
  void Release(scheduler::LeaseKey key, Done done) override {
    if (Refuses("Release", done)) return;
    inner_.Release(std::move(key), std::move(done));
  }
  void Reap(int limit, Callback<scheduler::ReapReport> done) override {
    inner_.Reap(limit, std::move(done));
  }

  void Append(scheduler::LeaseKey key, scheduler::WorkerEvent event, Done done) override {
    if (Refuses("Append", done)) return;
    inner_.Append(std::move(key), std::move(event), std::move(done));
  }
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<scheduler::JobEvent>> done) override {
    inner_.Read(id, after, limit, std::move(done));
  }
  std::unique_ptr<scheduler::Subscription> Subscribe(scheduler::Topic topic, Hint hint) override {
    return inner_.Subscribe(std::move(topic), [this, hint = std::move(hint)]() mutable {
      if (!losing_hints) hint();
    });
  }
  void PutPreview(scheduler::LeaseKey key, int image, std::string jpeg, Done done) override {
    if (Refuses("PutPreview", done)) return;
    inner_.PutPreview(std::move(key), image, std::move(jpeg), std::move(done));
  }
  void GetPreview(absl::string_view id, int image, Callback<std::string> done) override {
    inner_.GetPreview(id, image, std::move(done));
  }

  void Put(scheduler::LeaseKey key, int image, std::string bytes, Done done) override {
    if (Refuses("Put", done)) return;
    if (!put_failure.ok()) return done(put_failure);
    inner_.Put(std::move(key), image, std::move(bytes), std::move(done));
  }
  void Get(scheduler::LeaseKey key, int image, Callback<std::string> done) override {
    static_cast<scheduler::ResultStore&>(inner_).Get(std::move(key), image, std::move(done));
  }
  void PutInput(std::string id, std::string bytes, Done done) override {
    inner_.PutInput(std::move(id), std::move(bytes), std::move(done));
  }
  void PutStep(scheduler::LeaseKey key, std::string bytes, Done done) override {
    if (Refuses("PutStep", done)) return;
    if (!step_failure.ok()) return done(step_failure);
    if (withholding_steps) {
      withheld_step_ = std::move(done);
      return;
    }
    inner_.PutStep(std::move(key), std::move(bytes), std::move(done));
  }
  void GetStep(scheduler::JobId id, Callback<std::string> done) override {
    if (!failure.ok()) return done(failure);
    inner_.GetStep(std::move(id), std::move(done));
  }
  void GetInput(std::string id, Callback<std::string> done) override {
    if (!failure.ok()) return done(failure);
    inner_.GetInput(std::move(id), std::move(done));
  }

 private:
  struct Withheld {
    Callback<std::vector<scheduler::LeasedJob>> done;
    absl::StatusOr<std::vector<scheduler::LeasedJob>> jobs;
  };

  bool Refuses(const char* operation, Done& done) {
    writes.emplace_back(operation);
    if (failure.ok()) return false;
    done(failure);
    return true;
  }

  scheduler::InMemoryScheduler& inner_;
  std::vector<Withheld> withheld_;
  Done withheld_step_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_
