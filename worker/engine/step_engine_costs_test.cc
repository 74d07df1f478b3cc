// What the engine tells of times: what was measured, and when it will have room.

#include <algorithm>

#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using Cost = CostTable::Cost;

bool Knows(const std::vector<Cost>& costs, const Cost& cost) {
  return std::find(costs.begin(), costs.end(), cost) != costs.end();
}

TEST(StepEngineCosts, ForwardsAreMeasuredByShapeAndRowsAndDecodesByShape) {
  EngineRig rig({.time_per_forward = absl::Milliseconds(30),
                 .time_per_row = absl::Milliseconds(10),
                 .time_to_decode = absl::Milliseconds(5)});
  rig.Submit({.steps = 4, .images = 3});
  rig.RunDry();
  rig.Submit({.steps = 4, .size = 128});
  rig.RunDry();
  // A row of the backend is an image, with its negative prompt two of the network.
  EXPECT_TRUE(Knows(rig.meter.step_costs("fake"), {{64, 64}, 6, absl::Milliseconds(60)}));
  EXPECT_TRUE(Knows(rig.meter.step_costs("fake"), {{128, 128}, 2, absl::Milliseconds(40)}));
  EXPECT_TRUE(Knows(rig.meter.decode_costs("fake"), {{64, 64}, 1, absl::Milliseconds(5)}));
}

TEST(StepEngineCosts, TheSecondPassOfAHiresFixIsOfItsOwnShape) {
  EngineRig rig({.time_per_row = absl::Milliseconds(10)});
  rig.Submit({.steps = 4, .hires_steps = 4});
  rig.RunDry();
  EXPECT_TRUE(Knows(rig.meter.step_costs("fake"), {{64, 64}, 2, absl::Milliseconds(10)}));
  EXPECT_TRUE(Knows(rig.meter.step_costs("fake"), {{128, 128}, 2, absl::Milliseconds(10)}));
}

TEST(StepEngineCosts, AFullEngineTellsWhenItWillHaveRoom) {
  EngineRig rig({.time_per_forward = absl::Seconds(1)}, {.max_rows = 4, .capacity = 2});
  EXPECT_EQ(rig.engine.room_time(), absl::InfinitePast());
  rig.Submit({.steps = 9});
  rig.Submit({.steps = 5});
  rig.Tick();
  ASSERT_EQ(rig.engine.free_rows(), 0);
  rig.Tick();
  rig.Tick();
  EXPECT_EQ(rig.engine.room_time(), rig.clock.Now() + absl::Seconds(2))
      << "when the job of five steps, of which three are done, has ended";
  rig.RunDry();
  EXPECT_EQ(rig.engine.room_time(), absl::InfinitePast());
}

}  // namespace
}  // namespace darkroom::worker
