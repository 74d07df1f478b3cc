#include "worker/engine/step_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/log.h"
#include "worker/engine/finished_image.h"
#include "worker/engine/job_failure.h"
#include "worker/engine/job_spec.h"
#include "worker/image/jpeg_encoder.h"

namespace darkroom::worker {

using scheduler::Cancelled;
using scheduler::Expired;
using scheduler::Failed;
using scheduler::Failure;
using scheduler::JobOutcome;
using scheduler::Succeeded;

namespace {

constexpr absl::Duration kModelPoll = absl::Milliseconds(100);
constexpr double kUsualRows = 2;  // of a call: a prompt and its negative prompt

}  // namespace

StepEngine::StepEngine(std::vector<ServedModel> models, InputLoader& inputs, Publisher& publisher,
                       StepMeter& meter, const Clock& clock, Options options,
                       std::function<void()> rows_freed)
    : inputs_(inputs),
      publisher_(publisher),
      meter_(meter),
      clock_(clock),
      options_(options),
      saver_(publisher, clock, options.save_interval),
      rows_freed_(std::move(rows_freed)) {
  Handle(ModelChanges{.added = std::move(models)});
}

void StepEngine::Admit(const scheduler::LeasedJob& job, std::shared_ptr<Lease> lease) {
  absl::StatusOr<WorkOrder> order = ParseJobSpec(job.spec);
  if (!order.ok()) {
    lease->NoteComputed();
    publisher_.Finish(std::move(lease), Failed{ToFailure(order.status(), "INTERNAL")});
    return;
  }
  reserved_ += order->request.image_count;
  const std::optional<InputOrder> input = order->input;
  auto active = std::make_unique<ActiveJob>(job.model, *std::move(order),
                                            Deadline::At(job.deadline), std::move(lease));
  if (!input.has_value() && !job.step_saved) return mailbox_->Post(std::move(active));
  inputs_.Load(
      input, job.step_saved ? job.id : scheduler::JobId(),
      [mailbox = mailbox_, active = std::move(active)](absl::StatusOr<LoadedInput> loaded) mutable {
        mailbox->Post(Arrival{.job = std::move(active), .input = std::move(loaded)});
      });
}

void StepEngine::Drain(absl::Time until) { mailbox_->Post(DrainRequest{until}); }

void StepEngine::Run() {
  while (!mailbox_->closed()) {
    if (!Tick()) {
      mailbox_->Wait(absl::InfiniteDuration());
    } else if (absl::c_none_of(jobs_, [](const auto& job) { return job->begun(); })) {
      mailbox_->Wait(kModelPoll);
    }
  }
  jobs_.clear();
}

bool StepEngine::Tick() {
  ++tick_;
  TakeMail();
  EndUnwanted();
  BeginNew();
  Sweep();
  RunForward();
  ScaleOne();
  DecodeOne();
  Sweep();
  return !jobs_.empty();
}

void StepEngine::TakeMail() {
  for (Message& message : mailbox_->Take()) {
    std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
  }
}

void StepEngine::Handle(Arrival arrival) {
  if (arrival.input.ok()) {
    arrival.job->SetInput(*std::move(arrival.input));
  } else {
    Fail(*arrival.job, arrival.input.status(), "INPUT_NOT_READ");
  }
  jobs_.push_back(std::move(arrival.job));
}

void StepEngine::Handle(AdaptersOf adapters) {
  adapters_of_ = std::move(adapters);
  for (const auto& [id, model] : models_) {
    model->backend->SetAdapters(adapters_of_(model->backend->info().family));
  }
}

void StepEngine::Handle(ModelChanges changes) {
  for (const std::string& id : changes.gone) models_.erase(id);
  for (ServedModel& added : changes.added) {
    if (adapters_of_) added.backend->SetAdapters(adapters_of_(added.backend->info().family));
    std::shared_ptr<ServedModel>& place = models_[added.id];
    place = std::make_shared<ServedModel>(std::move(added));
  }
}

bool StepEngine::CannotFinish(const ActiveJob& job, absl::Time now) const {
  if (drain_until_ == absl::InfiniteFuture()) return false;
  const absl::Duration left = TimeLeft(job);
  const bool known = left != absl::InfiniteDuration();
  return now >= drain_until_ || !job.begun() || (known && now + left > drain_until_);
}

void StepEngine::EndUnwanted() {
  const absl::Time now = clock_.Now();
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    if (job->ended()) continue;  // its picture could not be read
    if (!job->lease()->open()) {
      job->End();
    } else if (job->lease()->cancel_requested()) {
      Finish(*job, Cancelled{job->device_time()});
    } else if (job->deadline().passed(clock_)) {
      Finish(*job, Expired{job->device_time()});
    } else if (CannotFinish(*job, now)) {
      if (job->begun()) saver_.NoteLeaving(*job);
      publisher_.Release(job->lease());
      job->End();
    }
  }
}

void StepEngine::BeginNew() {
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    if (job->ended() || job->begun()) continue;
    const auto model = models_.find(job->model());
    if (model == models_.end()) {
      publisher_.Release(job->lease());
      job->End();
      continue;
    }
    const absl::Time start = clock_.Now();
    absl::StatusOr<std::unique_ptr<diffusion::Generation>> generation =
        StepSaver::Begin(*model->second->backend, *job);
    if (absl::IsAborted(generation.status())) {
      NoteWaiting(start);
      continue;
    }
    if (absl::IsUnavailable(generation.status())) {
      // Nobody goes ahead, lest others keep the room for ever.
      NoteWaiting(start);
      return;
    }
    if (!generation.ok()) {
      const bool loaded = !absl::IsFailedPrecondition(generation.status());
      Fail(*job, generation.status(), loaded ? "INTERNAL" : "MODEL_NOT_LOADED");
      continue;
    }
    const absl::Time now = clock_.Now();
    job->Charge(now - start);
    job->Begin(model->second, *std::move(generation), tick_, now);
    options_.observer->NoteBeginning(
        job->lease()->labels(), {.steps_done = job->steps_done(), .elapsed = clock_.Now() - start});
  }
}

void StepEngine::NoteWaiting(absl::Time now) {
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    if (!job->ended() && !job->begun()) job->lease()->NoteWaiting(now);
  }
}

void StepEngine::RunForward() {
  std::vector<ForwardKey> keys;
  std::vector<int> max_rows;
  std::vector<WaitingRow> waiting;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (!jobs_[i]->begun()) continue;  // its model waits for room
    const auto number_of = [&](const diffusion::BatchKey& shape) {
      const ForwardKey key{jobs_[i]->served().get(), shape};
      const auto known = std::find(keys.begin(), keys.end(), key);
      const auto number = static_cast<int>(known - keys.begin());
      if (known == keys.end()) {
        const int most = std::min(options_.max_rows, key.first->backend->max_rows(shape));
        max_rows.push_back(limits_.Get({key.first->id, shape}, std::max(1, most)));
        keys.push_back(key);
      }
      return number;
    };
    jobs_[i]->AppendWaiting(static_cast<int>(i), number_of, waiting);
  }
  std::vector<WaitingRow> batch;
  for (std::size_t i : ChooseRows(waiting, max_rows, tick_)) batch.push_back(waiting[i]);
  if (batch.empty()) return;
  const int number = batch.front().key;
  StepBatch(keys[number], std::move(batch), max_rows[number]);
}

void StepEngine::StepBatch(const ForwardKey& key, std::vector<WaitingRow> batch, int room) {
  const absl::Time start = clock_.Now();
  const LimitKey limit{key.first->id, key.second};
  // Before the step, after which an image may be in another pass.
  std::vector<CallSize> sizes;
  for (const WaitingRow& row : batch) sizes.push_back(SizeOfCall(*jobs_[row.job], row.image));
  while (true) {
    std::vector<diffusion::Row> rows;
    for (const WaitingRow& row : batch) rows.push_back({&jobs_[row.job]->generation(), row.image});
    const absl::StatusOr<std::vector<absl::Status>> statuses = key.first->backend->Step(rows);
    if (statuses.ok()) {
      const absl::Duration elapsed = clock_.Now() - start;
      limits_.NoteFit(limit, static_cast<int>(batch.size()));
      Observe(key, batch, sizes, room, elapsed);
      Deliver(key, batch, sizes, *statuses, elapsed);
      return;
    }
    if (!absl::IsResourceExhausted(statuses.status()) || batch.size() == 1) {
      for (const WaitingRow& row : batch) Fail(*jobs_[row.job], statuses.status(), "INTERNAL");
      return;
    }
    room = limits_.NoteOutOfMemory(limit, static_cast<int>(batch.size()));
    batch.resize(room);
    log::Warning("out of memory: trying fewer rows", {{"rows", batch.size()}});
  }
}

void StepEngine::Observe(const ForwardKey& key, absl::Span<const WaitingRow> batch,
                         absl::Span<const CallSize> sizes, int room, absl::Duration elapsed) const {
  WorkObserver::Forward forward = {.model = key.first->id, .room = room, .elapsed = elapsed};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ActiveJob& job = *jobs_[batch[i].job];
    forward.Add(job.lease()->labels(),
                {.number = job.forwards() + 1,
                 .rows = sizes[i].rows,
                 .steps = job.generation().steps_done(batch[i].image) - sizes[i].steps_done});
  }
  options_.observer->NoteForward(forward);
}

void StepEngine::Deliver(const ForwardKey& key, absl::Span<const WaitingRow> batch,
                         absl::Span<const CallSize> sizes, absl::Span<const absl::Status> statuses,
                         absl::Duration elapsed) {
  int rows = 0;  // of the network
  for (std::size_t i = 0; i < batch.size(); ++i) rows += sizes[i].rows;
  double default_images = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ActiveJob& job = *jobs_[batch[i].job];
    const int own_rows = sizes[i].rows;
    default_images += sizes[i].default_images * own_rows / kUsualRows;
    job.Charge(elapsed * own_rows / rows);
    job.NoteServed(batch[i].image, tick_);
    if (!statuses[i].ok()) {
      Fail(job, statuses[i], "NUMERICAL_ERROR");
    } else if (!job.ended() && job.PreviewDue(batch[i].image)) {
      SendPreview(job, batch[i].image);
    }
  }
  meter_.RecordStep(key.first->id, sizes[0].shape, rows, default_images, elapsed);
  ReportProgress();
}

void StepEngine::ReportProgress() {
  const absl::Time now = clock_.Now();
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    if (job->ended() || !job->NoteProgress(now)) continue;
    job->lease()->NoteAdvance(now);
    const absl::Duration left = TimeLeft(*job);
    publisher_.Progress(job->lease(),
                        {.step = job->steps_done(), .steps = job->steps(), .time_left = left});
    saver_.NoteProgress(*job, left);
  }
  const absl::Time room = PredictRoom(now);
  room_time_ = room == absl::InfiniteFuture() ? kNotTold : absl::ToUnixMicros(room);
}

absl::Time StepEngine::room_time() const {
  if (free_rows() > 0) return absl::InfinitePast();
  const std::int64_t told = room_time_;
  return told == kNotTold ? absl::InfiniteFuture() : absl::FromUnixMicros(told);
}

absl::Time StepEngine::PredictRoom(absl::Time now) const {
  std::vector<std::pair<absl::Duration, int>> ends;  // and the images that go then
  for (const std::unique_ptr<ActiveJob>& job : jobs_)
    ends.emplace_back(TimeLeft(*job), job->rows());
  absl::c_sort(ends);
  int free = free_rows();
  for (const auto& [left, rows] : ends) {
    free += rows;
    if (free > 0) return now + left;
  }
  return absl::InfiniteFuture();
}

void StepEngine::SendPreview(ActiveJob& job, int image) {
  absl::StatusOr<RgbImage> picture = job.served()->backend->Preview(job.generation(), image);
  if (!picture.ok())
    return;  // a preview is a courtesy: the picture itself tells whether it is well
  absl::StatusOr<std::string> jpeg = EncodePreview(*picture);
  if (!jpeg.ok()) return;
  publisher_.Preview(job.lease(), {image, job.generation().steps_done(image)}, *std::move(jpeg));
}

void StepEngine::ScaleOne() {
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    const int image = job->ended() ? -1 : job->NextToScale();
    if (image < 0) continue;
    const absl::Time start = clock_.Now();
    const absl::StatusOr<std::int64_t> operations =
        job->served()->backend->Scale(job->generation(), image);
    if (!operations.ok()) return Fail(*job, operations.status(), "NUMERICAL_ERROR");
    const absl::Time now = clock_.Now();
    job->Charge(now - start);
    job->NoteScaled(now);
    job->lease()->NoteAdvance(now);
    meter_.RecordUpscale(*operations, now - start);
    ReportProgress();
    return;
  }
}

void StepEngine::DecodeOne() {
  for (const std::unique_ptr<ActiveJob>& job : jobs_) {
    const int image = job->ended() ? -1 : job->NextToDecode();
    if (image < 0) continue;
    Decode(*job, image);
    return;
  }
}

void StepEngine::Decode(ActiveJob& job, int image) {
  const absl::Time start = clock_.Now();
  diffusion::Backend& model = *job.served()->backend;
  absl::StatusOr<RgbImage> picture = model.Decode(job.generation(), image);
  if (!picture.ok()) return Fail(job, picture.status(), "NUMERICAL_ERROR");
  const absl::Time now = clock_.Now();
  job.Charge(now - start);
  WorkObserver::Picture made = {
      .image = image, .decoded = !job.request().upscale.has_value(), .decode = now - start};
  if (made.decoded) {
    const diffusion::PictureSize size = job.size();
    meter_.RecordDecode(job.model(), {.width = size.width, .height = size.height},
                        DefaultImages(job, size), now - start);
  }
  absl::StatusOr<FinishedImage> finished = FinishImage(
      job.Compose(*std::move(picture), image), job.order(), image, job.model(), model.info().hash);
  if (!finished.ok()) return Fail(job, finished.status(), "INTERNAL");
  made.encode = clock_.Now() - now;
  made.bytes = finished->png.size();
  options_.observer->NotePicture(job.lease()->labels(), made);
  job.lease()->NoteAdvance(now);
  publisher_.Image(job.lease(), image, std::move(finished->png));
  job.NoteDecoded(image, std::move(finished->record));
  meter_.RecordPicture();
  if (job.complete()) {
    Finish(job, Succeeded{job.result().SerializeAsString(), job.device_time()});
  }
}

void StepEngine::Sweep() {
  int freed = 0;
  std::erase_if(jobs_, [&freed](const std::unique_ptr<ActiveJob>& job) {
    if (job->ended()) freed += job->rows();
    return job->ended();
  });
  if (freed == 0) return;
  reserved_ -= freed;
  rows_freed_();
}

void StepEngine::Finish(ActiveJob& job, JobOutcome outcome) {
  if (job.ended()) return;
  job.End();
  job.lease()->NoteComputed();
  publisher_.Finish(job.lease(), std::move(outcome));
}

void StepEngine::Fail(ActiveJob& job, const absl::Status& status, absl::string_view otherwise) {
  Failure failure = ToFailure(status, otherwise);
  const JobLabels& labels = job.lease()->labels();
  log::Warning(
      "job failed",
      {{"job", labels.id}, {"trace_id", labels.trace.trace_id}, {"reason", failure.reason}});
  Finish(job, Failed{.failure = std::move(failure), .device_time = job.device_time()});
}

absl::Duration StepEngine::TimeLeft(const ActiveJob& job) const {
  if (!job.begun()) return absl::InfiniteDuration();
  const absl::Duration scaling =
      meter_.upscale() * (static_cast<double>(job.scaling_left()) / 1e12);
  if (job.request().upscale.has_value()) return scaling;
  const absl::Duration steps =
      job.TimeLeft(meter_.decode(job.model()) * DefaultImages(job, job.size()));
  return steps == absl::InfiniteDuration() ? steps : steps + scaling;
}

StepEngine::CallSize StepEngine::SizeOfCall(ActiveJob& job, int image) const {
  const diffusion::PictureSize size = job.SizeOfPass(image);
  return {.shape = {.width = size.width, .height = size.height},
          .rows = job.generation().rows_per_call(image),
          .steps_done = job.generation().steps_done(image),
          .default_images = DefaultImages(job, size)};
}

double StepEngine::DefaultImages(const ActiveJob& job, const diffusion::PictureSize& size) const {
  const diffusion::ModelInfo& info = job.served()->backend->info();
  return static_cast<double>(size.width) * size.height /
         (static_cast<double>(info.default_width) * info.default_height);
}

}  // namespace darkroom::worker
