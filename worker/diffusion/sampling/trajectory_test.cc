#include "worker/diffusion/sampling/trajectory.h"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/full.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

Trajectory Doubling(double start, int calls) {
  at::Tensor x = at::full({1}, start);
  for (int i = 0; i < calls; ++i) x = co_await Denoise(x, i) * 2;
  co_return x;
}

Trajectory Throwing(int calls) {
  at::Tensor x = at::full({1}, 0.0);
  for (int i = 0; i < calls; ++i) x = co_await Denoise(x, i);
  throw std::runtime_error("no more");
}

// Holds `witness` in its frame while it is suspended.
Trajectory Holding(std::shared_ptr<int> witness) {
  at::Tensor x = at::full({1}, *witness);
  co_return co_await Denoise(x, 1);
}

Trajectory Difference() {
  const at::Tensor x = at::full({1}, 3.0);
  const auto [denoised, uncond] = co_await DenoiseBoth(x, 2, 45.5);
  co_return denoised - uncond;
}

TEST(TrajectoryTest, AsksAnswersAndReturns) {
  Trajectory trajectory = Doubling(1, 3);
  trajectory.Start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(trajectory.done());
    EXPECT_EQ(trajectory.call().sigma, i);
    EXPECT_EQ(trajectory.call().x.item<float>(), 1 << i);
    trajectory.Resume(trajectory.call().x);
  }
  ASSERT_TRUE(trajectory.done());
  EXPECT_EQ(trajectory.result().item<float>(), 8);
}

TEST(TrajectoryTest, ASamplerMayNameTheTimestepAndWantBothPredictions) {
  Trajectory trajectory = Difference();
  trajectory.Start();
  EXPECT_EQ(trajectory.call().sigma, 2);
  EXPECT_EQ(trajectory.call().timestep, 45.5);
  trajectory.Resume({.denoised = at::full({1}, 7.0), .uncond = at::full({1}, 5.0)});
  ASSERT_TRUE(trajectory.done());
  EXPECT_EQ(trajectory.result().item<float>(), 2);

  Trajectory unguided = Difference();
  unguided.Start();
  unguided.Resume(at::full({1}, 7.0));
  EXPECT_EQ(unguided.result().item<float>(), 0);
}

TEST(TrajectoryTest, ASamplerWithoutCallsIsDoneOnceStarted) {
  Trajectory trajectory = Doubling(5, 0);
  trajectory.Start();
  ASSERT_TRUE(trajectory.done());
  EXPECT_EQ(trajectory.result().item<float>(), 5);
}

TEST(TrajectoryTest, ManyInterleaveAndMove) {
  std::vector<Trajectory> trajectories;
  for (int i = 0; i < 4; ++i) {
    trajectories.push_back(Doubling(i, 2));
    trajectories.back().Start();
  }
  for (int round = 0; round < 2; ++round) {
    for (Trajectory& trajectory : trajectories) trajectory.Resume(trajectory.call().x);
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(trajectories[i].result().item<float>(), 4 * i);
}

TEST(TrajectoryTest, DestroyingASuspendedOneFreesItsFrame) {
  auto witness = std::make_shared<int>(1);
  {
    Trajectory unstarted = Holding(witness);
    Trajectory suspended = Holding(witness);
    suspended.Start();
    EXPECT_EQ(witness.use_count(), 3);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(TrajectoryTest, WhatTheSamplerThrowsReachesTheOwner) {
  Trajectory at_start = Throwing(0);
  EXPECT_THROW(at_start.Start(), std::runtime_error);
  Trajectory later = Throwing(1);
  later.Start();
  EXPECT_THROW(later.Resume(later.call().x), std::runtime_error);
}

}  // namespace
}  // namespace darkroom::diffusion
