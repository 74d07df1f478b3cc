#include "worker/engine/input_loader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace darkroom::worker {

InputLoader::InputLoader(scheduler::ResultStore& results, Decode decode, const Clock& clock)
    : results_(results), decode_(std::move(decode)), clock_(clock) {}

void InputLoader::Load(InputOrder order, Callback<RgbImage> done) {
  const absl::Time now = clock_.Now();
  mailbox_->Post(std::make_shared<Task>(Task{
      .order = std::move(order), .done = std::move(done), .due = now, .give_up = now + kPatience}));
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
  std::string id = task->order.id;
  results_.GetInput(std::move(id), [mailbox = mailbox_, task = std::move(task)](
                                       absl::StatusOr<std::string> file) mutable {
    mailbox->Post(Fetched{.task = std::move(task), .file = std::move(file)});
  });
}

void InputLoader::Handle(Fetched fetched) {
  Task& task = *fetched.task;
  const absl::Status& status = fetched.file.status();
  if (absl::IsUnavailable(status) && clock_.Now() < task.give_up) {
    task.due = clock_.Now() + kRetry;
    waiting_.push_back(std::move(fetched.task));
  } else if (absl::IsNotFound(status)) {
    task.done(absl::InvalidArgumentError(
        "init_image is no longer kept: the job has waited too long; send it again"));
  } else if (!status.ok()) {
    task.done(status);
  } else {
    task.done(ToPicture(task.order, *fetched.file));
  }
}

absl::StatusOr<RgbImage> InputLoader::ToPicture(const InputOrder& order,
                                                absl::string_view file) const {
  const absl::StatusOr<RgbImage> picture = decode_(file);
  if (!picture.ok()) {
    return absl::Status(picture.status().code(),
                        absl::StrCat("init_image ", picture.status().message()));
  }
  return picture::Resize(*picture, order.resize_mode, order.width, order.height);
}

}  // namespace darkroom::worker
