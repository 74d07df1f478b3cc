#include "worker/diffusion/bench/measurements.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

using Generations = std::vector<std::unique_ptr<Generation>>;

template <typename Value>
Value MiddleOf(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

class Stopwatch {
 public:
  absl::Duration Elapsed() const { return absl::Now() - start_; }

 private:
  const absl::Time start_ = absl::Now();
};

// Jobs differ in prompt and seed, as people's do.
ImageRequest Request(const Backend& backend, const Workload& workload, int job) {
  ImageRequest request;
  request.prompt = absl::StrCat("a red apple on a blue background, number ", job);
  if (!workload.loras.empty()) {
    const std::size_t turn = static_cast<std::size_t>(job) % workload.loras.size();
    absl::StrAppend(&request.prompt, " <lora:", workload.loras[turn], ":1>");
  }
  request.width = workload.side;
  request.height = workload.side;
  request.steps = workload.steps;
  request.sampler = backend.info().default_sampler;
  request.schedule = backend.info().default_schedule;
  request.guidance_scale = 7;
  request.seed = job;
  return request;
}

absl::Status CheckAll(const std::vector<absl::Status>& statuses) {
  for (const absl::Status& status : statuses) DARKROOM_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

std::vector<Row> UnfinishedRows(const Generations& generations, int limit) {
  std::vector<Row> rows;
  for (const auto& generation : generations) {
    for (int image = 0; image < generation->image_count(); ++image) {
      if (static_cast<int>(rows.size()) == limit) return rows;
      if (!generation->done(image))
        rows.push_back({.generation = generation.get(), .image = image});
    }
  }
  return rows;
}

absl::StatusOr<absl::Duration> TimeTextEncode(Backend& backend, const Workload& workload) {
  std::vector<absl::Duration> times;
  for (int i = 0; i <= workload.repeats; ++i) {
    const Stopwatch watch;
    DARKROOM_RETURN_IF_ERROR(backend.Start(Request(backend, workload, i)).status());
    if (i > 0) times.push_back(watch.Elapsed());  // the first one warms up
  }
  return Median(std::move(times));
}

absl::StatusOr<absl::Duration> TimeStep(Backend& backend, const Workload& workload, int rows) {
  Generations generations;
  for (int missing = rows; missing > 0;) {
    ImageRequest request = Request(backend, workload, missing);
    request.steps = workload.repeats + 1;
    // The images of a request have the same LoRAs.
    request.image_count = workload.loras.empty() ? std::min(missing, backend.info().max_images) : 1;
    missing -= request.image_count;
    DARKROOM_ASSIGN_OR_RETURN(auto generation, backend.Start(request));
    generations.push_back(std::move(generation));
  }
  std::vector<absl::Duration> times;
  for (int i = 0; i <= workload.repeats; ++i) {
    const Stopwatch watch;
    DARKROOM_ASSIGN_OR_RETURN(const auto statuses, backend.Step(UnfinishedRows(generations, rows)));
    if (i > 0) times.push_back(watch.Elapsed());
    DARKROOM_RETURN_IF_ERROR(CheckAll(statuses));
  }
  return Median(std::move(times));
}

absl::StatusOr<absl::Duration> TimeDecode(Backend& backend, const Workload& workload) {
  ImageRequest request = Request(backend, workload, 0);
  request.steps = 1;
  DARKROOM_ASSIGN_OR_RETURN(const auto generation, backend.Start(request));
  DARKROOM_RETURN_IF_ERROR(backend.Step({{.generation = generation.get(), .image = 0}}).status());
  std::vector<absl::Duration> times;
  for (int i = 0; i <= workload.repeats; ++i) {
    const Stopwatch watch;
    DARKROOM_RETURN_IF_ERROR(backend.Decode(*generation, 0).status());
    if (i > 0) times.push_back(watch.Elapsed());
  }
  return Median(std::move(times));
}

// Makes the pictures of jobs `first` to `last` - 1 in common batches.
absl::Status MakePictures(Backend& backend, const Workload& workload, int first, int last) {
  Generations generations;
  for (int job = first; job < last; ++job) {
    DARKROOM_ASSIGN_OR_RETURN(auto generation, backend.Start(Request(backend, workload, job)));
    generations.push_back(std::move(generation));
  }
  const int limit = backend.max_rows(generations[0]->batch_key(0));
  for (auto rows = UnfinishedRows(generations, limit); !rows.empty();
       rows = UnfinishedRows(generations, limit)) {
    DARKROOM_ASSIGN_OR_RETURN(const auto statuses, backend.Step(rows));
    DARKROOM_RETURN_IF_ERROR(CheckAll(statuses));
  }
  for (const auto& generation : generations) {
    DARKROOM_RETURN_IF_ERROR(backend.Decode(*generation, 0).status());
  }
  return absl::OkStatus();
}

// The two ways take turns, so that whatever else the machine does meets both.
absl::StatusOr<PictureTimes> TimePictures(Backend& backend, const Workload& workload) {
  std::vector<absl::Duration> alone;
  std::vector<absl::Duration> together;
  std::vector<double> ratios;
  for (int i = 0; i < workload.repeats; ++i) {
    const Stopwatch alone_watch;
    for (int job = 0; job < workload.jobs; ++job) {
      DARKROOM_RETURN_IF_ERROR(MakePictures(backend, workload, job, job + 1));
    }
    alone.push_back(alone_watch.Elapsed());
    const Stopwatch together_watch;
    DARKROOM_RETURN_IF_ERROR(MakePictures(backend, workload, 0, workload.jobs));
    together.push_back(together_watch.Elapsed());
    ratios.push_back(absl::FDivDuration(alone.back(), together.back()));
  }
  return PictureTimes{.jobs = workload.jobs,
                      .one_at_a_time = Median(std::move(alone)),
                      .together = Median(std::move(together)),
                      .speedup = MiddleOf(std::move(ratios))};
}

}  // namespace

absl::Duration Median(std::vector<absl::Duration> values) { return MiddleOf(std::move(values)); }

absl::StatusOr<Measurements> Measure(Backend& backend, const Workload& workload) {
  Measurements measured;
  DARKROOM_ASSIGN_OR_RETURN(const auto probe, backend.Start(Request(backend, workload, 0)));
  measured.key = probe->batch_key(0);
  DARKROOM_ASSIGN_OR_RETURN(measured.text_encode, TimeTextEncode(backend, workload));
  for (const int rows : workload.rows) {
    const absl::StatusOr<absl::Duration> median = TimeStep(backend, workload, rows);
    if (absl::IsResourceExhausted(median.status())) break;
    DARKROOM_RETURN_IF_ERROR(median.status());
    measured.steps.push_back({.rows = rows, .median = *median});
  }
  DARKROOM_ASSIGN_OR_RETURN(measured.decode, TimeDecode(backend, workload));
  if (workload.jobs > 0) {
    DARKROOM_ASSIGN_OR_RETURN(measured.pictures, TimePictures(backend, workload));
  }
  return measured;
}

}  // namespace darkroom::diffusion
