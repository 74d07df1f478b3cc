#include "worker/engine/input_loader.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "infotext/png_text.h"

namespace darkroom::worker {
namespace {

constexpr absl::string_view kPictureField = "init_image";
constexpr absl::string_view kMaskField = "init_image.mask";

absl::Status About(absl::string_view field, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(field, " ", status.message()));
}

absl::StatusOr<LoadedInput> TakeApart(const RgbImage& picture, const GreyImage& mask,
                                      const InputOrder& order) {
  const picture::MaskOptions& options = order.mask->options;
  if (options.padding.has_value() &&
      (mask.width != picture.width || mask.height != picture.height)) {
    return absl::InvalidArgumentError("is not of the picture's size, as only_masked needs it");
  }
  std::optional<picture::InpaintingStart> start = picture::BeginInpainting(
      picture, mask, options, order.resize_mode, order.width, order.height);
  if (!start.has_value()) {
    return absl::InvalidArgumentError(
        options.inverted ? "covers nothing: with inverted, paint black what is to be made anew"
                         : "covers nothing: paint white what is to be made anew");
  }
  return LoadedInput{.picture = std::move(start->picture),
                     .mask = std::move(start->mask),
                     .overlay = std::move(start->overlay)};
}

// Empty for one that is longer than any that is written here: it goes into a record of the job.
std::string InfotextOf(absl::string_view file) {
  constexpr std::size_t kMostBytes = std::size_t{32} << 10;
  std::string text = infotext::ReadPngParameters(file).value_or("");
  return text.size() <= kMostBytes ? text : "";
}

// What a job begins with that has no file beside its picture.
absl::StatusOr<LoadedInput> WithoutMaskFile(const RgbImage& picture, const InputOrder& order) {
  if (!order.mask.has_value()) {
    return LoadedInput{.picture =
                           picture::Resize(picture, order.resize_mode, order.width, order.height)};
  }
  return TakeApart(
      picture::Extend(picture, order.margins),
      picture::MarginMask(picture.width, picture.height, order.margins, order.mask->options.blur),
      order);
}

}  // namespace

InputLoader::InputLoader(scheduler::ResultStore& results, Decoder decoder, const Clock& clock)
    : results_(results), decoder_(std::move(decoder)), clock_(clock) {}

void InputLoader::Load(std::optional<InputOrder> order, scheduler::JobId job,
                       Callback<LoadedInput> done) {
  const absl::Time now = clock_.Now();
  mailbox_->Post(std::make_shared<Task>(Task{.order = std::move(order),
                                             .job = std::move(job),
                                             .done = std::move(done),
                                             .due = now,
                                             .give_up = now + kPatience}));
}

void InputLoader::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
}

absl::Duration InputLoader::Pump() {
  for (Message& message : mailbox_->Take()) {
    std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
  }
  const absl::Time now = clock_.Now();
  const auto due = std::stable_partition(waiting_.begin(), waiting_.end(),
                                         [now](const auto& task) { return task->due > now; });
  std::vector<std::shared_ptr<Task>> tasks(due, waiting_.end());
  waiting_.erase(due, waiting_.end());
  for (std::shared_ptr<Task>& task : tasks) Fetch(std::move(task));
  absl::Time next = absl::InfiniteFuture();
  for (const auto& task : waiting_) next = std::min(next, task->due);
  return next - now;
}

void InputLoader::Fetch(std::shared_ptr<Task> task) {
  const Task& next = *task;
  Callback<std::string> fetched =
      [mailbox = mailbox_, task = std::move(task)](absl::StatusOr<std::string> file) mutable {
        mailbox->Post(Fetched{.task = std::move(task), .file = std::move(file)});
      };
  if (!next.job.empty()) return results_.GetStep(next.job, std::move(fetched));
  const std::string& id = next.picture.has_value() ? next.order->mask->id : next.order->id;
  results_.GetInput(id, std::move(fetched));
}

void InputLoader::Handle(Fetched fetched) {
  Task& task = *fetched.task;
  const absl::string_view field = task.picture.has_value() ? kMaskField : kPictureField;
  const absl::Status& status = fetched.file.status();
  if (absl::IsUnavailable(status) && clock_.Now() < task.give_up) {
    task.due = clock_.Now() + kRetry;
    waiting_.push_back(std::move(fetched.task));
  } else if (!task.job.empty()) {
    HandleStep(std::move(fetched));
  } else if (absl::IsNotFound(status)) {
    Answer(task,
           About(field, absl::InvalidArgumentError("is no longer kept: the job has waited too "
                                                   "long; send it again")));
  } else if (!status.ok()) {
    Answer(task, status);
  } else if (task.picture.has_value()) {
    Answer(task, ToInput(task, *fetched.file));
  } else if (absl::StatusOr<RgbImage> picture = decoder_.picture(*fetched.file); !picture.ok()) {
    Answer(task, About(field, picture.status()));
  } else if (task.order->as_it_is) {
    Answer(task,
           LoadedInput{.picture = *std::move(picture), .infotext = InfotextOf(*fetched.file)});
  } else if (!task.order->mask.has_value() || task.order->mask->id.empty()) {
    Answer(task, WithoutMaskFile(*picture, *task.order));
  } else {
    task.picture = *std::move(picture);
    Fetch(std::move(fetched.task));
  }
}

void InputLoader::HandleStep(Fetched fetched) {
  Task& task = *fetched.task;
  task.saved = std::move(fetched.file).value_or("");
  task.job.clear();
  if (!task.order.has_value()) return Answer(task, LoadedInput());
  Fetch(std::move(fetched.task));
}

void InputLoader::Answer(Task& task, absl::StatusOr<LoadedInput> input) {
  if (input.ok()) input->saved = std::move(task.saved);
  task.done(std::move(input));
}

absl::StatusOr<LoadedInput> InputLoader::ToInput(const Task& task, absl::string_view file) const {
  const absl::StatusOr<GreyImage> mask = decoder_.mask(file);
  if (!mask.ok()) return About(kMaskField, mask.status());
  absl::StatusOr<LoadedInput> input = TakeApart(*task.picture, *mask, *task.order);
  if (!input.ok()) return About(kMaskField, input.status());
  return input;
}

}  // namespace darkroom::worker
