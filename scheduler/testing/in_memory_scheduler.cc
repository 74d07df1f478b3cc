#include "scheduler/testing/in_memory_scheduler.h"

#include <algorithm>
#include <set>
#include <variant>

#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/hint_slot.h"

namespace darkroom::scheduler {
namespace {

// The empty name stands for WorkTopic.
std::string NameOf(const Topic& topic) {
  const JobTopic* job = std::get_if<JobTopic>(&topic);
  return job == nullptr ? std::string() : job->id;
}

}  // namespace

// Shared by the scheduler and its subscriptions, so that either may go first.
struct InMemoryScheduler::HintList {
  Mutex mutex;
  std::multimap<std::string, std::shared_ptr<HintSlot>> slots ABSL_GUARDED_BY(mutex);

  void Call(const std::vector<Topic>& topics) {
    std::vector<std::shared_ptr<HintSlot>> due;
    {
      MutexLock lock(&mutex);
      for (const Topic& topic : topics) {
        const auto [first, last] = slots.equal_range(NameOf(topic));
        for (auto it = first; it != last; ++it) {
          if (std::find(due.begin(), due.end(), it->second) == due.end()) due.push_back(it->second);
        }
      }
    }
    for (const std::shared_ptr<HintSlot>& slot : due) slot->Call();
  }
};

InMemoryScheduler::InMemoryScheduler(const Clock* clock) : InMemoryScheduler(clock, Options()) {}

InMemoryScheduler::InMemoryScheduler(const Clock* clock, Options options)
    : clock_(clock),
      options_(options),
      hints_(std::make_shared<HintList>()),
      table_(options.lease, options.retention) {}

InMemoryScheduler::~InMemoryScheduler() = default;

template <typename Operation, typename Callback>
void InMemoryScheduler::Run(Operation operation, Callback done) {
  std::vector<Topic> topics;
  auto value = [&] {
    MutexLock lock(&mutex_);
    const absl::Time now = clock_->Now();
    table_.Forget(now);
    auto result = operation(now);
    topics = table_.TakeTopics();
    return result;
  }();
  done(std::move(value));
  hints_->Call(topics);
}

void InMemoryScheduler::Submit(Submission submission, Callback<SubmitOutcome> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<SubmitOutcome> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckSubmission(submission));
        return table_.Submit(submission, now);
      },
      std::move(done));
}

void InMemoryScheduler::Foresee(Submission submission, Callback<JobSnapshot> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<JobSnapshot> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckSubmission(submission));
        return table_.Foresee(submission, now);
      },
      std::move(done));
}

void InMemoryScheduler::Get(absl::string_view tenant, absl::string_view id,
                            Callback<JobSnapshot> done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        return table_.Get(tenant, id);
      },
      std::move(done));
}

void InMemoryScheduler::List(absl::string_view tenant, absl::string_view after, int limit,
                             Callback<JobPage> done) {
  Run(
      [&](absl::Time) -> absl::StatusOr<JobPage> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckLimit(limit));
        DARKROOM_ASSIGN_OR_RETURN(const std::int64_t before, ParsePageToken(after));
        return table_.List(tenant, before, limit);
      },
      std::move(done));
}

void InMemoryScheduler::Cancel(absl::string_view tenant, absl::string_view id,
                               Callback<JobSnapshot> done) {
  Run(
      [&](absl::Time now) {
        mutex_.AssertHeld();
        return table_.Cancel(tenant, id, now);
      },
      std::move(done));
}

void InMemoryScheduler::Depth(Callback<QueueDepth> done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        return table_.Depth();
      },
      std::move(done));
}

void InMemoryScheduler::Acquire(LeaseRequest request, Callback<std::vector<LeasedJob>> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<std::vector<LeasedJob>> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckLeaseRequest(request));
        return table_.Acquire(request, now);
      },
      std::move(done));
}

void InMemoryScheduler::Renew(std::vector<LeaseKey> keys, Callback<std::vector<LeaseStatus>> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<std::vector<LeaseStatus>> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckRenewal(keys));
        std::vector<LeaseStatus> statuses;
        for (const LeaseKey& key : keys) statuses.push_back(table_.Renew(key, now));
        return statuses;
      },
      std::move(done));
}

void InMemoryScheduler::Finish(LeaseKey key, JobOutcome outcome, Done done) {
  Run(
      [&](absl::Time now) {
        mutex_.AssertHeld();
        return table_.Finish(key, outcome, now);
      },
      std::move(done));
}

void InMemoryScheduler::Release(LeaseKey key, Done done) {
  Run(
      [&](absl::Time now) {
        mutex_.AssertHeld();
        return table_.Release(key, now);
      },
      std::move(done));
}

void InMemoryScheduler::Reap(int limit, Callback<ReapReport> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<ReapReport> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckLimit(limit));
        return table_.Reap(limit, now);
      },
      std::move(done));
}

void InMemoryScheduler::Append(LeaseKey key, WorkerEvent event, Done done) {
  Run(
      [&](absl::Time now) {
        mutex_.AssertHeld();
        return table_.Append(key, event, now);
      },
      std::move(done));
}

void InMemoryScheduler::Read(absl::string_view id, std::int64_t after, int limit,
                             Callback<std::vector<JobEvent>> done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        return table_.Read(id, after, limit);
      },
      std::move(done));
}

std::unique_ptr<Subscription> InMemoryScheduler::Subscribe(Topic topic, Hint hint) {
  class HintSubscription : public Subscription {
   public:
    HintSubscription(std::shared_ptr<HintList> list, std::string name,
                     std::shared_ptr<HintSlot> slot)
        : list_(std::move(list)), slot_(std::move(slot)) {
      MutexLock lock(&list_->mutex);
      place_ = list_->slots.emplace(std::move(name), slot_);
    }
    ~HintSubscription() override {
      {
        MutexLock lock(&list_->mutex);
        list_->slots.erase(place_);
      }
      slot_->Close();
    }

   private:
    const std::shared_ptr<HintList> list_;
    const std::shared_ptr<HintSlot> slot_;
    std::multimap<std::string, std::shared_ptr<HintSlot>>::iterator place_;
  };
  return std::make_unique<HintSubscription>(hints_, NameOf(topic),
                                            std::make_shared<HintSlot>(std::move(hint)));
}

void InMemoryScheduler::PutPreview(LeaseKey key, int image, std::string jpeg, Done done) {
  Run(
      [&](absl::Time) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckPreview(image, jpeg));
        return table_.PutPreview(key, image, std::move(jpeg));
      },
      std::move(done));
}

void InMemoryScheduler::GetPreview(absl::string_view id, int image, Callback<std::string> done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        return table_.GetPreview(id, image);
      },
      std::move(done));
}

void InMemoryScheduler::Put(LeaseKey key, int image, std::string bytes, Done done) {
  Run(
      [&](absl::Time now) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckResult(image, bytes));
        results_[{key.id, key.fence, image}] = {.bytes = std::move(bytes),
                                                .expiry = now + options_.retention};
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryScheduler::Get(LeaseKey key, int image, Callback<std::string> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<std::string> {
        mutex_.AssertHeld();
        const auto result = results_.find({key.id, key.fence, image});
        if (result == results_.end() || result->second.expiry <= now) {
          return NoSuchResult();
        }
        return result->second.bytes;
      },
      std::move(done));
}

void InMemoryScheduler::PutInput(std::string id, std::string bytes, Done done) {
  Run(
      [&](absl::Time now) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckInput(id, bytes));
        inputs_[id] = {.bytes = std::move(bytes), .expiry = now + kInputMemory};
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryScheduler::GetInput(std::string id, Callback<std::string> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<std::string> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckInputId(id));
        const auto input = inputs_.find(id);
        if (input == inputs_.end() || input->second.expiry <= now) return NoSuchInput();
        return input->second.bytes;
      },
      std::move(done));
}

void InMemoryScheduler::PutStep(LeaseKey key, std::string bytes, Done done) {
  Run(
      [&](absl::Time now) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckStep(bytes));
        return table_.PutStep(key, std::move(bytes), now);
      },
      std::move(done));
}

void InMemoryScheduler::GetStep(JobId id, Callback<std::string> done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        return table_.GetStep(id);
      },
      std::move(done));
}

void InMemoryScheduler::Announce(std::string worker, std::vector<ModelEntry> models, Done done) {
  Run(
      [&](absl::Time now) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckAnnouncement(worker, models));
        const auto served = [&models](const std::string& id) {
          return std::any_of(models.begin(), models.end(),
                             [&id](const ModelEntry& entry) { return entry.id == id; });
        };
        std::set<std::string> given_up;
        for (auto& [id, model] : models_) {
          if (served(id) || model.workers.erase(worker) == 0) continue;
          std::erase_if(model.workers, [&](const auto& other) {
            return other.second + options_.worker_timeout <= now;
          });
          if (model.workers.empty()) given_up.insert(id);
        }
        std::erase_if(models_, [&](const auto& entry) {
          return entry.second.announced + kModelMemory <= now || given_up.contains(entry.first);
        });
        const auto added = std::count_if(models.begin(), models.end(), [&](const auto& entry) {
          mutex_.AssertHeld();
          return !models_.contains(entry.id);
        });
        if (models_.size() + static_cast<std::size_t>(added) > kMaxModels) return TooManyModels();
        for (ModelEntry& entry : models) {
          Model& model = models_[entry.id];
          model.record = std::move(entry.record);
          model.announced = now;
          model.workers[worker] = now;
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryScheduler::Withdraw(std::string worker, Done done) {
  Run(
      [&](absl::Time) {
        mutex_.AssertHeld();
        for (auto& [id, model] : models_) model.workers.erase(worker);
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryScheduler::List(Callback<std::vector<ModelEntry>> done) {
  Run(
      [&](absl::Time now) {
        mutex_.AssertHeld();
        std::vector<ModelEntry> entries;
        for (const auto& [id, model] : models_) {
          if (model.announced + kModelMemory <= now) continue;
          const auto alive = std::count_if(
              model.workers.begin(), model.workers.end(),
              [&](const auto& worker) { return worker.second + options_.worker_timeout > now; });
          entries.push_back({.id = id, .record = model.record, .workers = static_cast<int>(alive)});
        }
        return entries;
      },
      std::move(done));
}

void InMemoryScheduler::PutDocument(std::string digest, std::string bytes, Done done) {
  Run(
      [&](absl::Time now) -> absl::Status {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckDocument(digest, bytes));
        std::erase_if(documents_,
                      [now](const auto& entry) { return entry.second.put + kModelMemory <= now; });
        documents_[std::move(digest)] = {.bytes = std::move(bytes), .put = now};
        if (documents_.size() > kMaxDocuments) {
          const auto before = [](const auto& a, const auto& b) {
            return a.second.put < b.second.put;
          };
          documents_.erase(std::min_element(documents_.begin(), documents_.end(), before));
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryScheduler::GetDocument(std::string digest, Callback<std::string> done) {
  Run(
      [&](absl::Time now) -> absl::StatusOr<std::string> {
        mutex_.AssertHeld();
        DARKROOM_RETURN_IF_ERROR(CheckDocumentDigest(digest));
        const auto document = documents_.find(digest);
        if (document == documents_.end() || document->second.put + kModelMemory <= now) {
          return NoSuchDocument();
        }
        return document->second.bytes;
      },
      std::move(done));
}

}  // namespace darkroom::scheduler
