// Switches between real models, as a worker with room for one does.

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "worker/diffusion/torch_backend.h"
#include "worker/engine/model_cache.h"

namespace darkroom::worker {
namespace {

constexpr char kModel[] = "models/demo";

const diffusion::TorchBackendOptions kOptions{.threads = 1};

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// What a host plans its memory with. First, while the heap has nothing to give again.
TEST(ModelSwitch, AModelTakesWhatItsDescriptionSays) {
  const diffusion::ModelDescription description =
      diffusion::DescribeModel(kModel, kOptions).value();
  const std::int64_t before = ResidentBytes();
  const auto model = diffusion::LoadTorchBackend(kModel, kOptions).value();
  const std::int64_t taken = ResidentBytes() - before;
  EXPECT_LT(taken, description.bytes * 3 / 2);
  EXPECT_GT(taken, description.bytes / 2);
}

TEST(ModelSwitch, FiftySwitchesLeaveMemoryFlat) {
  const diffusion::ModelDescription description =
      diffusion::DescribeModel(kModel, kOptions).value();
  // Room for one of them.
  const auto cache = ModelCache::Create(description.bytes * 3 / 2);
  std::vector<std::unique_ptr<diffusion::Backend>> models;
  for (const char* id : {"a", "b"}) {
    models.push_back(
        cache
            ->Serve({.id = id,
                     .info = description.info,
                     .tokenizer = description.tokenizer,
                     .bytes = description.bytes,
                     .load = [] { return diffusion::LoadTorchBackend(kModel, kOptions); }})
            .value());
  }
  diffusion::ImageRequest request;
  request.prompt = "a red apple";
  request.width = 32;
  request.height = 32;
  request.steps = 1;
  request.sampler = "Euler";
  request.schedule = "Karras";
  const auto use = [&](diffusion::Backend& model) {
    const auto generation = model.Start(request).value();
    ASSERT_TRUE(model.Step({{generation.get(), 0}}).value()[0].ok());
  };
  std::int64_t early = 0;
  for (int i = 0; i < 50; ++i) {
    use(*models[i % 2]);
    if (i < 10) early = std::max(early, ResidentBytes());
  }
  EXPECT_LT(ResidentBytes(), early + description.bytes / 2) << "less than half a model more";
}

}  // namespace
}  // namespace darkroom::worker
