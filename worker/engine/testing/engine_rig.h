#ifndef DARKROOM_WORKER_ENGINE_TESTING_ENGINE_RIG_H_
#define DARKROOM_WORKER_ENGINE_TESTING_ENGINE_RIG_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rgb_image.h"
#include "common/testing/manual_clock.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "worker/diffusion/fake_backend.h"
#include "worker/engine/input_loader.h"
#include "worker/engine/job_feeder.h"
#include "worker/engine/lease_keeper.h"
#include "worker/engine/publisher.h"
#include "worker/engine/step_engine.h"
#include "worker/engine/testing/breakable_store.h"
#include "worker/engine/testing/work_log.h"

namespace darkroom::worker {

// What a test job asks; everything else is one picture of 64 x 64 by Euler.
struct TestJob {
  std::string prompt = "a red apple";
  int steps = 4;
  int images = 1;
  int size = 64;
  std::int64_t seed = 1;
  int preview_interval = 0;
  std::string model = "fake";
  absl::Time deadline = absl::InfiniteFuture();
  std::string input = {};  // id of a picture to begin with; empty: none
  double strength = 0.5;
  std::string mask = {};            // id of its mask; empty: none
  int hires_steps = 0;              // of a second pass at twice the size; 0: none
  std::string upscaler = "Latent";  // of it
  bool enlarges = false;            // only, `input` with `upscaler` to twice its size
};

// In place of a decoder: an 8 x 8 picture of the file's first byte; INVALID_ARGUMENT without one.
absl::StatusOr<RgbImage> DecodeTestFile(absl::string_view file);
// The same for masks: white in the left half, where the file's first byte is "m".
absl::StatusOr<GreyImage> DecodeTestMask(absl::string_view file);

// darkroom.internal.v1.JobSpec of a test job.
std::string SpecOf(const TestJob& job);

std::vector<ServedModel> OneModel(const std::string& id,
                                  std::unique_ptr<diffusion::Backend> backend);

// The classes of a worker without their threads, over a fake backend, the in-memory scheduler and a
// clock that moves only when the test or the fake backend's work does.
class EngineRig {
 public:
  explicit EngineRig(diffusion::FakeBackendOptions backend = {}, StepEngine::Options engine = {});

  // Queues a job and returns its id.
  scheduler::JobId Submit(const TestJob& job);
  void Cancel(const scheduler::JobId& id);

  // Lets every class but the engine do what is due.
  void Pump();
  // Pump, one tick of the engine, Pump. Returns what the tick did.
  bool Tick();
  // Ticks until no job is left; at most 1000 times.
  void RunDry();

  scheduler::JobSnapshot Get(const scheduler::JobId& id);
  std::vector<scheduler::JobEvent> Events(const scheduler::JobId& id);
  template <typename Event>
  std::vector<Event> EventsOf(const scheduler::JobId& id) {
    std::vector<Event> found;
    for (const scheduler::JobEvent& event : Events(id)) {
      if (const auto* body = std::get_if<Event>(&event.body)) found.push_back(*body);
    }
    return found;
  }
  // The bytes of an image; empty when there is none.
  std::string Result(const scheduler::JobId& id, scheduler::Fence fence, int image);
  // The prompts of each step so far, in the order of its rows.
  std::vector<std::vector<std::string>> Batches() const;

  ManualClock clock;
  scheduler::InMemoryScheduler scheduler{&clock};
  BreakableStore store{scheduler};
  WorkLog observed;
  StepMeter meter;
  InputLoader inputs{store, {DecodeTestFile, DecodeTestMask}, clock};
  Publisher publisher{store, store, store, clock, observed};
  LeaseKeeper keeper{store, store, clock, observed};
  std::unique_ptr<diffusion::FakeBackend> made;  // until the engine has it
  diffusion::FakeBackend& backend;
  StepEngine engine;
  JobFeeder feeder;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_TESTING_ENGINE_RIG_H_
