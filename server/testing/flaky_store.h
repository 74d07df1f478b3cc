#ifndef DARKROOM_SERVER_TESTING_FLAKY_STORE_H_
#define DARKROOM_SERVER_TESTING_FLAKY_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "scheduler/core/refusal.h"
#include "scheduler/testing/in_memory_promise_meter.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "server/core/ports.h"
#include "server/testing/flaky_admin_store.h"

namespace darkroom::server {

// The gateway's ports of an in-memory scheduler, which can go away (flaky_admin_store.h).
// Thread-safe.
class FlakyStore : public scheduler::JobQueue,
                   public scheduler::EventBus,
                   public scheduler::ResultStore,
                   public scheduler::ModelRegistry,
                   public FlakyAdminStore {
 public:
  // `clock` outlives the store; promises are counted by it.
  explicit FlakyStore(scheduler::InMemoryScheduler& store, const Clock& clock = Clock::System())
      : FlakyAdminStore(store), store_(store), promises_(&clock) {}
  using FlakyAdminStore::Get;
  using FlakyAdminStore::Put;

  // From now on no submission is taken, for this reason.
  void Refuse(const scheduler::Refusal& refusal) {
    MutexLock lock(&mutex_);
    refusal_ = refusal;
  }
  // What the last submission said about its tenant's tier.
  scheduler::TierTerms terms() {
    MutexLock lock(&mutex_);
    return terms_;
  }
  Ports ports() {
    return {*this, *this, *this, *this, *this, *this, *this, *this, *this, promises_};
  }
  // What was counted about promised waits.
  scheduler::PromiseErrors promises() {
    scheduler::PromiseErrors counted;
    promises_.ReadPromises([&counted](auto read) { counted = *std::move(read); });
    return counted;
  }
  // That have not ended.
  int subscriptions() const { return subscriptions_; }

  void Submit(scheduler::Submission submission, Callback<scheduler::SubmitOutcome> done) override {
    if (const auto refusal = Note(submission)) return done(scheduler::RefusalError(*refusal));
    if (Up(done)) store_.Submit(std::move(submission), std::move(done));
  }
  void Foresee(scheduler::Submission submission, Callback<scheduler::JobSnapshot> done) override {
    if (const auto refusal = Note(submission)) return done(scheduler::RefusalError(*refusal));
    if (Up(done)) store_.Foresee(std::move(submission), std::move(done));
  }
  void Get(absl::string_view tenant, absl::string_view id,
           Callback<scheduler::JobSnapshot> done) override {
    if (Up(done)) store_.Get(tenant, id, std::move(done));
  }
  void List(absl::string_view tenant, absl::string_view after, int limit,
            Callback<scheduler::JobPage> done) override {
    if (Up(done)) store_.List(tenant, after, limit, std::move(done));
  }
  void Cancel(absl::string_view tenant, absl::string_view id,
              Callback<scheduler::JobSnapshot> done) override {
    if (Up(done)) store_.Cancel(tenant, id, std::move(done));
  }
  void Depth(Callback<scheduler::QueueDepth> done) override {
    if (Up(done)) store_.Depth(std::move(done));
  }
  void DepthByTier(Callback<std::vector<scheduler::TierDepth>> done) override {
    if (Up(done)) store_.DepthByTier(std::move(done));
  }
  void Append(scheduler::LeaseKey key, scheduler::WorkerEvent event, Done done) override {
    store_.Append(std::move(key), std::move(event), std::move(done));
  }
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<scheduler::JobEvent>> done) override {
    if (Up(done)) store_.Read(id, after, limit, std::move(done));
  }
  // Hints are lost while the store is away.
  std::unique_ptr<scheduler::Subscription> Subscribe(scheduler::Topic topic, Hint hint) override {
    auto inner = store_.Subscribe(std::move(topic), [this, hint = std::move(hint)]() mutable {
      if (mode() == Mode::kUp) hint();
    });
    return std::make_unique<Counted>(subscriptions_, std::move(inner));
  }
  void PutPreview(scheduler::LeaseKey key, int image, std::string jpeg, Done done) override {
    store_.PutPreview(std::move(key), image, std::move(jpeg), std::move(done));
  }
  void GetPreview(absl::string_view id, int image, Callback<std::string> done) override {
    if (Up(done)) store_.GetPreview(id, image, std::move(done));
  }
  void Put(scheduler::LeaseKey key, int image, std::string bytes, Done done) override {
    store_.Put(std::move(key), image, std::move(bytes), std::move(done));
  }
  void Get(scheduler::LeaseKey key, int image, Callback<std::string> done) override {
    if (Up(done)) store_.Get(std::move(key), image, std::move(done));
  }
  void PutInput(std::string id, std::string bytes, Done done) override {
    if (mode() == Mode::kRefuses) done(absl::UnavailableError("connection refused"));
    if (mode() == Mode::kUp) store_.PutInput(std::move(id), std::move(bytes), std::move(done));
  }
  void GetInput(std::string id, Callback<std::string> done) override {
    if (Up(done)) store_.GetInput(std::move(id), std::move(done));
  }
  void PutStep(scheduler::LeaseKey key, std::string bytes, Done done) override {
    store_.PutStep(std::move(key), std::move(bytes), std::move(done));
  }
  void GetStep(scheduler::JobId id, Callback<std::string> done) override {
    store_.GetStep(std::move(id), std::move(done));
  }
  void Announce(std::string worker, std::vector<scheduler::ModelEntry> models, Done done) override {
    store_.Announce(std::move(worker), std::move(models), std::move(done));
  }
  void Withdraw(std::string worker, Done done) override {
    store_.Withdraw(std::move(worker), std::move(done));
  }
  void List(Callback<std::vector<scheduler::ModelEntry>> done) override {
    if (Up(done)) store_.List(std::move(done));
  }
  void PutDocument(std::string digest, std::string bytes, Done done) override {
    store_.PutDocument(std::move(digest), std::move(bytes), std::move(done));
  }
  void GetDocument(std::string digest, Callback<std::string> done) override {
    if (Up(done)) store_.GetDocument(std::move(digest), std::move(done));
  }

 private:
  // Why it is to be refused.
  std::optional<scheduler::Refusal> Note(const scheduler::Submission& submission) {
    MutexLock lock(&mutex_);
    terms_ = submission.terms;
    return refusal_;
  }

  class Counted : public scheduler::Subscription {
   public:
    Counted(std::atomic<int>& count, std::unique_ptr<scheduler::Subscription> inner)
        : count_(count), inner_(std::move(inner)) {
      ++count_;
    }
    ~Counted() override { --count_; }

   private:
    std::atomic<int>& count_;
    const std::unique_ptr<scheduler::Subscription> inner_;
  };

  scheduler::InMemoryScheduler& store_;
  scheduler::InMemoryPromiseMeter promises_;
  Mutex mutex_;
  std::optional<scheduler::Refusal> refusal_ ABSL_GUARDED_BY(mutex_);
  scheduler::TierTerms terms_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> subscriptions_ = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_FLAKY_STORE_H_
