#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/Parallel.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

// The same request gives the same bits whoever shares its batch: a row of the UNet, of several
// models and at several sizes, alone, in a pair, and at different places among eight and among
// twenty, as many as ATen chooses other libraries for.

struct Case {
  std::string model;
  int height;
  int width;
};

class ExactnessTest : public testing::TestWithParam<Case> {
 protected:
  struct Row {
    at::Tensor sample;   // [1, 4, h, w]
    at::Tensor context;  // [1, 77, C]
    at::Tensor added;    // [1, D], or undefined
    double timestep;
  };

  void SetUp() override { UseDtype(at::kFloat); }

  void UseDtype(at::ScalarType dtype) {
    auto model = DiffusionModel::Load(GetParam().model, {.dtype = dtype});
    ASSERT_TRUE(model.ok()) << model.status();
    model_ = *std::move(model);
    dtype_ = dtype;
  }

  at::Tensor Noise(at::IntArrayRef shape, std::uint64_t seed) {
    return at::empty(shape, at::kFloat).normal_(0, 1, at::detail::createCPUGenerator(seed));
  }

  Row MakeRow(std::uint64_t seed, double timestep) {
    const UNetConfig& unet = model_->config().unet;
    const int added = unet.projection_class_embeddings_input_dim;
    return {.sample = Noise({1, 4, GetParam().height, GetParam().width}, seed),
            .context = Noise({1, 77, unet.cross_attention_dim}, 1000 + seed),
            .added = added > 0 ? Noise({1, added}, 2000 + seed) : at::Tensor(),
            .timestep = timestep};
  }

  at::Tensor Run(const std::vector<Row>& rows) {
    std::vector<at::Tensor> samples, contexts, added;
    std::vector<double> timesteps;
    for (const Row& row : rows) {
      samples.push_back(row.sample);
      contexts.push_back(row.context);
      if (row.added.defined()) added.push_back(row.added);
      timesteps.push_back(row.timestep);
    }
    return model_->unet().Forward(at::cat(samples), timesteps, at::cat(contexts).to(dtype_),
                                  added.empty() ? at::Tensor() : at::cat(added).to(dtype_));
  }

  // So many rows, `row` at `place` among strangers.
  at::Tensor Among(std::size_t count, const Row& row, std::size_t place, bool one_timestep) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
      const double stranger = one_timestep ? row.timestep : 100.5 * static_cast<double>(i);
      rows.push_back(i == place ? row : MakeRow(50 + i, stranger));
    }
    return Run(rows)[static_cast<std::int64_t>(place)];
  }

  const c10::InferenceMode inference_;
  std::unique_ptr<DiffusionModel> model_;
  at::ScalarType dtype_ = at::kFloat;
};

// The largest difference in shares of the largest number.
double RelativeDifference(const at::Tensor& actual, const at::Tensor& expected) {
  return actual.sub(expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

TEST_P(ExactnessTest, ARowHasTheSameBitsInAnyCompany) {
  const int before = at::get_num_threads();
  // As the machine has them, and so many that rows are cut into pieces.
  for (const int threads : {before, 16}) {
    at::set_num_threads(threads);
    const Row row = MakeRow(1, 731.25);
    const at::Tensor alone = Run({row})[0];
    EXPECT_TRUE(at::equal(Run({row, MakeRow(2, 20)})[0], alone)) << threads;
    EXPECT_TRUE(at::equal(Run({MakeRow(3, 731.25), row})[1], alone)) << threads;
    EXPECT_TRUE(at::equal(Run({MakeRow(3, 1), MakeRow(4, 2), row})[2], alone)) << threads;
    for (const std::size_t place : {0, 3, 7}) {
      EXPECT_TRUE(at::equal(Among(8, row, place, place == 3), alone)) << threads << " " << place;
    }
    EXPECT_TRUE(at::equal(Among(20, row, 13, false), alone)) << threads;
  }
  at::set_num_threads(before);
}

TEST_P(ExactnessTest, InBFloat16ARowIsNearFloat32AndNearItselfInAnyCompany) {
  constexpr double kTolerance = 2e-2;
  const Row row = MakeRow(1, 731.25);
  const at::Tensor exact = Run({row})[0];
  UseDtype(at::kBFloat16);
  const at::Tensor alone = Run({row})[0];
  EXPECT_LT(RelativeDifference(alone, exact), kTolerance);
  EXPECT_LT(RelativeDifference(Run({MakeRow(3, 731.25), row})[1], alone), kTolerance);
  for (const std::size_t place : {0, 3, 7}) {
    EXPECT_LT(RelativeDifference(Among(8, row, place, false), alone), kTolerance) << place;
  }
}

TEST_P(ExactnessTest, RowsOfDifferentTimeDiffer) {
  const Row row = MakeRow(1, 731.25);
  Row later = row;
  later.timestep = 730;
  const at::Tensor both = Run({row, later});
  EXPECT_FALSE(at::equal(both[0], both[1]));
}

INSTANTIATE_TEST_SUITE_P(
    Models, ExactnessTest,
    // Down to one token at the coarsest level.
    testing::Values(Case{"models/demo", 16, 16}, Case{"models/demo", 12, 20},
                    Case{"models/demo", 7, 9}, Case{"models/demo", 3, 5}, Case{"models/demo", 4, 4},
                    Case{"tests/golden/tiny_model", 16, 16}, Case{"tests/golden/tiny_sd2", 9, 16},
                    Case{"tests/golden/tiny_sdxl", 16, 16}, Case{"tests/golden/tiny_sdxl", 5, 7}));

}  // namespace
}  // namespace darkroom::diffusion
