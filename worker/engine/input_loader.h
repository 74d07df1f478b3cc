#ifndef DARKROOM_WORKER_ENGINE_INPUT_LOADER_H_
#define DARKROOM_WORKER_ENGINE_INPUT_LOADER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "common/clock.h"
#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "picture/extension.h"
#include "picture/inpainting.h"
#include "picture/resize.h"
#include "scheduler/core/result_store.h"
#include "worker/engine/mailbox.h"

namespace darkroom::worker {

// Which part of it is made anew.
struct MaskOrder {
  std::string id;  // in the result store; empty where the margins are the mask
  picture::MaskOptions options = {};
};

// The picture that a job begins with, as the job has it.
struct InputOrder {
  std::string id;  // in the result store
  picture::ResizeMode resize_mode = picture::ResizeMode::kStretch;
  int width = 0;  // wanted, in pixels
  int height = 0;
  std::optional<MaskOrder> mask = {};
  picture::Margins margins = {};  // with a mask
  // The picture itself is wanted, whatever its size, and the text that travels with it.
  bool as_it_is = false;
};

// What the job begins with.
struct LoadedInput {
  RgbImage picture = {};
  GreyImage mask = {};                           // where the job has one
  std::optional<picture::Overlay> overlay = {};  // alike: over what is made
  std::string infotext = {};                     // of a PNG file as it is; empty where it has none
  std::string saved = {};                        // step of an earlier lease; empty where none is
};

// Fetches the saved steps and the pictures that jobs begin with, decodes the latter and brings them
// to size, one after the other, so that the engine never waits for the store or for a decoder.
//
// One thread owns it and calls Run (or, in a test, Pump); the functions of the first group may be
// called from any.
class InputLoader {
 public:
  // While the store cannot be reached, it is asked again every kRetry, for kPatience.
  static constexpr absl::Duration kRetry = absl::Seconds(1);
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  // What a file shows, as picture::DecoderProcess.
  struct Decoder {
    std::function<absl::StatusOr<RgbImage>(absl::string_view file)> picture;
    std::function<absl::StatusOr<GreyImage>(absl::string_view file)> mask;
  };

  // The store and the clock outlive it.
  InputLoader(scheduler::ResultStore& results, Decoder decoder, const Clock& clock);

  // The saved step of `job`, unless that is empty, and then the picture. `done` runs on the
  // loader's thread. A step that cannot be had is no error. INVALID_ARGUMENT, for the job's owner,
  // when the picture or its mask is no longer kept or cannot be decoded, or the mask covers
  // nothing; UNAVAILABLE when the store cannot be reached.
  void Load(std::optional<InputOrder> order, scheduler::JobId job, Callback<LoadedInput> done);
  void Stop() { mailbox_->Close(); }

  // Does what is due, and returns how long nothing will be. Waits for decoders, not for the store.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  struct Task {
    std::optional<InputOrder> order;
    scheduler::JobId job;  // whose saved step is to be fetched first; empty: of none, or it was
    Callback<LoadedInput> done;
    absl::Time due;
    absl::Time give_up;
    std::string saved = {};
    std::optional<RgbImage> picture = {};  // once decoded; the mask is next, where there is one
  };
  struct Fetched {
    std::shared_ptr<Task> task;
    absl::StatusOr<std::string> file;
  };
  using Message = std::variant<std::shared_ptr<Task>, Fetched>;

  void Handle(std::shared_ptr<Task> task) { waiting_.push_back(std::move(task)); }
  void Handle(Fetched fetched);
  void HandleStep(Fetched fetched);
  // With the saved step.
  static void Answer(Task& task, absl::StatusOr<LoadedInput> input);
  void Fetch(std::shared_ptr<Task> task);
  // The picture of a task and its mask, whose file this is, taken apart.
  absl::StatusOr<LoadedInput> ToInput(const Task& task, absl::string_view file) const;

  scheduler::ResultStore& results_;
  const Decoder decoder_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  std::vector<std::shared_ptr<Task>> waiting_;  // to be fetched, when due
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_INPUT_LOADER_H_
