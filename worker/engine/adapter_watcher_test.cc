#include "worker/engine/adapter_watcher.h"

#include <fstream>

#include "common/ids.h"
#include "common/testing/manual_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AdapterWatcher, TellsOfChangesAtOnceAndThenEveryFiveSeconds) {
  const fs::path folder = fs::path(::testing::TempDir()) / RandomId();
  fs::create_directories(folder);
  diffusion::TestFile embedding("unused");
  embedding.Add("emb_params", {1, 768});
  ManualClock clock;
  std::vector<std::size_t> told;
  AdapterWatcher watcher(
      {.loras = {}, .embeddings = {folder}},
      [&told](const auto& adapters) { told.push_back(adapters.size()); }, clock);
  EXPECT_EQ(watcher.Pump(), AdapterWatcher::kInterval);
  EXPECT_THAT(told, IsEmpty()) << "there was none and there is none";

  std::ofstream(folder / "new.safetensors", std::ios::binary) << embedding.Bytes();
  clock.Advance(absl::Seconds(4));
  EXPECT_EQ(watcher.Pump(), absl::Seconds(1));
  EXPECT_THAT(told, IsEmpty());
  clock.Advance(absl::Seconds(1));
  watcher.Pump();
  EXPECT_THAT(told, ElementsAre(1));
  clock.Advance(absl::Seconds(5));
  watcher.Pump();
  EXPECT_THAT(told, ElementsAre(1));
  fs::remove_all(folder);
  clock.Advance(absl::Seconds(5));
  watcher.Pump();
  EXPECT_THAT(told, ElementsAre(1, 0));
}

TEST(AdapterWatcher, StopsWhileItWaits) {
  AdapterWatcher watcher(
      {}, [](const auto&) {}, Clock::System());
  watcher.Stop();
  watcher.Run();
}

}  // namespace
}  // namespace darkroom::worker
