// Measures how soon the API says UNAVAILABLE once Redis is gone: real processes, 20 outages of each
// kind. Exits 1 when a call took longer than the promised 2 s or ended otherwise.
//
//   build/release/bin/measure_outage

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "tests/integration/recording.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {
namespace {

constexpr int kTries = 20;
constexpr absl::Duration kPromised = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(60);

// The calls at one moment of each outage.
struct Answers {
  std::vector<absl::Duration> times;
  int wrong = 0;  // not UNAVAILABLE
};

void Measure(const std::function<absl::Status()>& call, Answers& answers) {
  const absl::Time asked = absl::Now();
  const absl::Status status = call();
  answers.times.push_back(absl::Now() - asked);
  if (!absl::IsUnavailable(status)) ++answers.wrong;
}

// Prints a line; false when the promise was broken.
bool Report(const char* outage, const char* call, Answers answers) {
  std::sort(answers.times.begin(), answers.times.end());
  const std::size_t count = answers.times.size();
  const absl::Duration median = (answers.times[(count - 1) / 2] + answers.times[count / 2]) / 2;
  std::printf("%-8s %-26s %2zu calls  median %7.1f ms  maximum %7.1f ms  %d not UNAVAILABLE\n",
              outage, call, count, absl::ToDoubleMilliseconds(median),
              absl::ToDoubleMilliseconds(answers.times.back()), answers.wrong);
  return answers.times.back() <= kPromised && answers.wrong == 0;
}

struct Outage {
  const char* name;
  std::function<void(Stack&)> begin;
  std::function<absl::Status(Stack&)> end;
};

const Outage kOutages[] = {
    {"killed", [](Stack& stack) { stack.Kill(Part::kRedis); },
     [](Stack& stack) { return stack.Run(Part::kRedis); }},
    {"silent", [](Stack& stack) { stack.Suspend(Part::kRedis); },
     [](Stack& stack) {
       stack.Resume(Part::kRedis);
       return absl::OkStatus();
     }},
};

// True when all calls kept the promise.
absl::StatusOr<bool> Run(const Outage& outage, Stack& stack) {
  cli::JobApi& jobs = stack.connection().jobs();
  v1::CreateJobRequest request;
  *request.mutable_parameters() = PictureRequest(1).parameters();
  Answers first;
  Answers next;
  for (int i = 0; i < kTries; ++i) {
    std::string name;
    DARKROOM_RETURN_IF_ERROR(Eventually(kPatience, [&]() -> absl::Status {
      DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, jobs.Create(request));
      name = job.name();
      return absl::OkStatus();
    }));
    outage.begin(stack);
    Measure([&] { return jobs.Create(request).status(); }, first);
    Measure([&] { return jobs.Get(name).status(); }, next);
    DARKROOM_RETURN_IF_ERROR(outage.end(stack));
  }
  const bool kept = Report(outage.name, "the first, CreateJob", first);
  return Report(outage.name, "the next, GetJob", next) && kept;
}

absl::StatusOr<bool> RunAll() {
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<Stack> stack,
                            Stack::Start(absl::Milliseconds(10)));
  bool kept = true;
  for (const Outage& outage : kOutages) {
    DARKROOM_ASSIGN_OR_RETURN(const bool here, Run(outage, *stack));
    kept = kept && here;
  }
  return kept;
}

}  // namespace
}  // namespace darkroom::testing

int main() {
  const absl::StatusOr<bool> kept = darkroom::testing::RunAll();
  if (!kept.ok()) std::fprintf(stderr, "measure_outage: %s\n", kept.status().ToString().c_str());
  return kept.ok() && *kept ? 0 : 1;
}
