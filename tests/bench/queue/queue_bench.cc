// What the queue does by itself, for a comparison with other job queues (compare.py): submits jobs,
// then leases and completes them, with many operations in flight.
//
//   build/release/bin/queue_bench --redis 127.0.0.1:6379
//
// Needs an empty pool. Prints JSON.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids.h"
#include "common/mutex.h"
#include "scheduler/redis/connect.h"
#include "scheduler/redis/redis_flags.h"

ABSL_FLAG(int, queued, 100000, "jobs that wait already, and keep waiting");
ABSL_FLAG(int, tenants, 1000, "whose they are");
ABSL_FLAG(int, jobs, 10000, "that are submitted, and as many that are leased and completed");
ABSL_FLAG(int, in_flight, 64, "submissions, or workers, at once");
ABSL_FLAG(int, lease, 1, "jobs that a worker asks for at once");

namespace darkroom::scheduler {
namespace {

constexpr char kModel[] = "bench";

// Operations that go on by themselves, a fixed number at once, and how long each took.
class Stopwatch {
 public:
  // `start(i, done)` begins the i-th of `count` operations; `done` may be called on any thread.
  using Operation = std::function<void(int index, std::function<void()> done)>;

  // Blocks until all have ended; returns how long that took.
  absl::Duration Run(int count, int in_flight, const Operation& start) {
    const absl::Time begin = absl::Now();
    for (int lane = 0; lane < in_flight; ++lane) Next(count, start);
    MutexLock lock(&mutex_);
    const auto all_ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return lanes_ended_ == in_flight;
    };
    mutex_.Await(all_ended);
    return absl::Now() - begin;
  }

  double Milliseconds(double share) {
    MutexLock lock(&mutex_);
    std::sort(times_.begin(), times_.end());
    return absl::ToDoubleMilliseconds(
        times_[static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1))]);
  }

 private:
  void Next(int count, const Operation& start) {
    int index = 0;
    {
      MutexLock lock(&mutex_);
      if (begun_ == count) {
        ++lanes_ended_;  // last, so that Run does not return before
        return;
      }
      index = begun_++;
    }
    start(index, [this, count, &start, begun = absl::Now()] {
      {
        MutexLock lock(&mutex_);
        times_.push_back(absl::Now() - begun);
      }
      Next(count, start);
    });
  }

  Mutex mutex_;
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int lanes_ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<absl::Duration> times_ ABSL_GUARDED_BY(mutex_);
};

[[noreturn]] void Die(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

class Bench {
 public:
  explicit Bench(RedisPorts& ports) : ports_(ports) {}

  void Run() {
    const int in_flight = absl::GetFlag(FLAGS_in_flight);
    const int jobs = absl::GetFlag(FLAGS_jobs);
    const auto submit = [this](int index, std::function<void()> done) {
      Submit(index, std::move(done));
    };
    Stopwatch().Run(absl::GetFlag(FLAGS_queued), in_flight, submit);
    Stopwatch submissions;
    const absl::Duration submitting = submissions.Run(jobs, in_flight, submit);
    const int batch = absl::GetFlag(FLAGS_lease);
    Stopwatch leases;
    const absl::Duration working =
        leases.Run(jobs / batch, in_flight,
                   [this](int, std::function<void()> done) { LeaseAndComplete(std::move(done)); });
    std::printf(
        "{\"queue\": \"darkroom\", \"submit_per_second\": %.0f, \"submit_p99_ms\": %.1f,\n"
        " \"complete_per_second\": %.0f, \"complete_p99_ms\": %.1f, \"path_per_second\": %.0f}\n",
        jobs / absl::ToDoubleSeconds(submitting), submissions.Milliseconds(0.99),
        jobs / absl::ToDoubleSeconds(working), leases.Milliseconds(0.99),
        jobs / absl::ToDoubleSeconds(submitting + working));
  }

 private:
  void Submit(int index, std::function<void()> done) {
    Submission submission;
    submission.id = RandomId();
    submission.tenant = absl::StrCat("tenant-", index % absl::GetFlag(FLAGS_tenants));
    submission.request_id = submission.id;
    submission.request_digest = "digest";
    submission.model = kModel;
    submission.spec = std::string(100, 'x');
    submission.cost = absl::Seconds(1);
    ports_.jobs().Submit(std::move(submission), [done = std::move(done)](const auto& made) {
      if (!made.ok()) Die(made.status());
      done();
    });
  }

  // Of one request for jobs until the last of them is complete.
  void LeaseAndComplete(std::function<void()> done) {
    const int batch = absl::GetFlag(FLAGS_lease);
    ports_.leases().Acquire(
        {.worker = "worker",
         .models = {kModel},
         .limit = batch,
         .resident = 1,
         .token = RandomId()},
        [this, batch,
         done = std::move(done)](const absl::StatusOr<std::vector<LeasedJob>>& leased) {
          if (!leased.ok()) Die(leased.status());
          if (static_cast<int>(leased->size()) != batch) Die(absl::InternalError("too few jobs"));
          const auto left = std::make_shared<std::atomic<int>>(batch);
          for (const LeasedJob& job : *leased) {
            ports_.leases().Finish(
                {.id = job.id, .fence = job.fence},
                Succeeded{.result = "result", .device_time = absl::Milliseconds(1100)},
                [left, done](const absl::Status& finished) {
                  if (!finished.ok()) Die(finished);
                  if (--*left == 0) done();
                });
          }
        });
  }

  RedisPorts& ports_;
};

}  // namespace

int Main() {
  const absl::StatusOr<RedisOptions> options = RedisOptionsFromFlags();
  if (!options.ok()) Die(options.status());
  const auto ports = Connect(*options);
  if (!ports.ok()) Die(ports.status());
  Bench(**ports).Run();
  return 0;
}

}  // namespace darkroom::scheduler

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return darkroom::scheduler::Main();
}
