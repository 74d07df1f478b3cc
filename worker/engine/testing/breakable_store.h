#ifndef DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_
#define DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/testing/in_memory_scheduler.h"

namespace darkroom::worker {

// A worker's ports before an in-memory scheduler, for tests: counts what is written and, while
// `failure` is not OK, answers everything with it instead. Thread-compatible.
class BreakableStore : public scheduler::LeaseStore,
                       public scheduler::EventBus,
                       public scheduler::ResultStore {
 public:
  explicit BreakableStore(scheduler::InMemoryScheduler& inner) : inner_(inner) {}

  absl::Status failure;      // of every operation
  absl::Status put_failure;  // of ResultStore::Put alone
  int renewed = 0;           // leases in Renew
  int previews = 0;          // PutPreview
  int writes = 0;            // everything under a fence

  void Acquire(scheduler::LeaseRequest request,
               Callback<std::vector<scheduler::LeasedJob>> done) override {
    if (!failure.ok()) return done(failure);
    inner_.Acquire(std::move(request), std::move(done));
  }
  void Renew(std::vector<scheduler::LeaseKey> keys,
             Callback<std::vector<scheduler::LeaseStatus>> done) override {
    if (!failure.ok()) return done(failure);
    renewed += static_cast<int>(keys.size());
    inner_.Renew(std::move(keys), std::move(done));
  }
  void Finish(scheduler::LeaseKey key, scheduler::JobOutcome outcome, Done done) override {
    if (Refuses(done)) return;
    inner_.Finish(std::move(key), std::move(outcome), std::move(done));
  }
  void Release(scheduler::LeaseKey key, Done done) override {
    if (Refuses(done)) return;
    inner_.Release(std::move(key), std::move(done));
  }
  void Reap(int limit, Callback<scheduler::ReapReport> done) override {
    inner_.Reap(limit, std::move(done));
  }

  void Append(scheduler::LeaseKey key, scheduler::WorkerEvent event, Done done) override {
    if (Refuses(done)) return;
    inner_.Append(std::move(key), std::move(event), std::move(done));
  }
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<scheduler::JobEvent>> done) override {
    inner_.Read(id, after, limit, std::move(done));
  }
  std::unique_ptr<scheduler::Subscription> Subscribe(scheduler::Topic topic, Hint hint) override {
    return inner_.Subscribe(std::move(topic), std::move(hint));
  }
  void PutPreview(scheduler::LeaseKey key, int image, std::string jpeg, Done done) override {
    if (Refuses(done)) return;
    ++previews;
    inner_.PutPreview(std::move(key), image, std::move(jpeg), std::move(done));
  }
  void GetPreview(absl::string_view id, int image, Callback<std::string> done) override {
    inner_.GetPreview(id, image, std::move(done));
  }

  void Put(scheduler::LeaseKey key, int image, std::string bytes, Done done) override {
    if (Refuses(done)) return;
    if (!put_failure.ok()) return done(put_failure);
    inner_.Put(std::move(key), image, std::move(bytes), std::move(done));
  }
  void Get(scheduler::LeaseKey key, int image, Callback<std::string> done) override {
    static_cast<scheduler::ResultStore&>(inner_).Get(std::move(key), image, std::move(done));
  }

 private:
  bool Refuses(Done& done) {
    ++writes;
    if (failure.ok()) return false;
    done(failure);
    return true;
  }

  scheduler::InMemoryScheduler& inner_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_BREAKABLE_STORE_H_
