#include "worker/diffusion/sampling/seed_sequence.h"

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

// Numbers of numpy 1.26: SeedSequence(entropy, spawn_key=..., pool_size=24).generate_state(1).

TEST(SeedSequenceTest, WithoutASpawnKeyItIsNumpys) {
  EXPECT_EQ(SeedSequence(0).FirstWord(), 4025752534u);
  EXPECT_EQ(SeedSequence(42).FirstWord(), 387750627u);
  EXPECT_EQ(SeedSequence((1ull << 32) + 5).FirstWord(), 3001752692u);
}

TEST(SeedSequenceTest, WithASpawnKeyItIsNumpys) {
  EXPECT_EQ(SeedSequence(0, {0, 0}).FirstWord(), 245430115u);
  EXPECT_EQ(SeedSequence(42, {5, 3}).FirstWord(), 3084123560u);
  EXPECT_EQ(SeedSequence((1ull << 32) + 5, {(1ull << 33) + 1, 34}).FirstWord(), 1299233706u);
}

}  // namespace
}  // namespace darkroom::diffusion
