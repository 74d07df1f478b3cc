#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/Parallel.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

// Users with different LoRAs share one forward, and each gets the bits that a forward of its own
// gives.

// One of every kind, and some that change linears of time and convolutions.
constexpr const char* kFiles[] = {"kohya", "loha",      "lokr",         "dora",
                                  "full",  "peft_loha", "locon_tucker", "diffusers_processors"};

class AdaptedRowsTest : public testing::Test {
 protected:
  struct AdaptedRow {
    at::Tensor sample;   // [1, 4, h, w]
    at::Tensor context;  // [1, 77, C]
    double timestep = 0;
    std::vector<RowAdapters::Use> uses;
  };

  AdaptedRowsTest() {
    for (const char* file : kFiles) files_.push_back(Load(absl::StrCat("files/", file)));
    everywhere_ = Load("networks/tiny_model");
  }

  std::shared_ptr<const AdapterBranches> Load(const std::string& name) {
    const std::string path = absl::StrCat("tests/golden/adapters/", name, ".safetensors");
    return model_->LoadAdapters(name, SafetensorsFile::Open(path).value()).value();
  }

  at::Tensor Noise(at::IntArrayRef shape, std::uint64_t seed) {
    return at::empty(shape, at::kFloat).normal_(0, 1, at::detail::createCPUGenerator(seed));
  }

  AdaptedRow MakeRow(std::uint64_t seed, double timestep, std::vector<RowAdapters::Use> uses) {
    const int width = model_->config().unet.cross_attention_dim;
    return {.sample = Noise({1, 4, 12, 20}, seed),
            .context = Noise({1, 77, width}, 1000 + seed),
            .timestep = timestep,
            .uses = std::move(uses)};
  }

  at::Tensor Run(const std::vector<AdaptedRow>& rows) {
    std::vector<at::Tensor> samples, contexts;
    std::vector<double> timesteps;
    std::vector<std::vector<RowAdapters::Use>> uses;
    for (const AdaptedRow& row : rows) {
      samples.push_back(row.sample);
      contexts.push_back(row.context);
      timesteps.push_back(row.timestep);
      uses.push_back(row.uses);
    }
    const at::Tensor context = at::cat(contexts);
    const RowAdapters adapters(uses, context.options());
    return model_->unet().Forward(at::cat(samples), timesteps, context, {}, &adapters);
  }

  void ExpectRowsAreTheirOwn(const std::vector<AdaptedRow>& rows) {
    const int before = at::get_num_threads();
    // As the machine has them, and so many that rows are cut into pieces.
    for (const int threads : {before, 16}) {
      at::set_num_threads(threads);
      const at::Tensor all = Run(rows);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_TRUE(at::equal(all[static_cast<std::int64_t>(i)], Run({rows[i]})[0]))
            << "row " << i << ", " << threads << " threads";
      }
    }
    at::set_num_threads(before);
  }

  const c10::InferenceMode inference_;
  const std::unique_ptr<DiffusionModel> model_ =
      DiffusionModel::Load("tests/golden/tiny_model", {}).value();
  std::vector<std::shared_ptr<const AdapterBranches>> files_;
  std::shared_ptr<const AdapterBranches> everywhere_;
};

TEST_F(AdaptedRowsTest, EightRowsWithEightFilesAreEightSingleRuns) {
  std::vector<AdaptedRow> rows;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    rows.push_back(MakeRow(i, 731.25, {{files_[i], 0.9 - 0.2 * static_cast<double>(i)}}));
  }
  ExpectRowsAreTheirOwn(rows);
}

TEST_F(AdaptedRowsTest, RowsWithNoneOneAndSeveralFilesAtOtherTimesAreSingleRuns) {
  ExpectRowsAreTheirOwn({MakeRow(1, 20, {}), MakeRow(2, 999, {{everywhere_, 0.8}}),
                         MakeRow(3, 20, {{files_[0], 0.5}, {everywhere_, -0.4}, {files_[3], 1}}),
                         MakeRow(4, 20, {}), MakeRow(5, 20, {{everywhere_, 0.1}})});
}

TEST_F(AdaptedRowsTest, RowsWithoutFilesHaveTheBitsThatTheyHadWithoutNeighboursWithSome) {
  const AdaptedRow plain = MakeRow(1, 20, {});
  const at::Tensor alone = model_->unet().Forward(plain.sample, {plain.timestep}, plain.context);
  for (const std::shared_ptr<const AdapterBranches>& file : files_) {
    const at::Tensor both = Run({plain, MakeRow(2, 20, {{file, 1}})});
    EXPECT_TRUE(at::equal(both[0], alone[0])) << file->name();
  }
}

// Where all convolutions wrap, those of adapters included, nothing knows where a picture ends: of
// one that is moved around them, the same is made, moved.
TEST_F(AdaptedRowsTest, TheConvolutionsOfAdaptersWrapWithThoseOfTheModel) {
  constexpr std::int64_t kCoarsest = 8;  // a pixel of the coarsest level, in the finest's
  const auto moved = [](const at::Tensor& x) { return x.roll({kCoarsest, 2 * kCoarsest}, {2, 3}); };
  AdaptedRow row = MakeRow(1, 500, {{everywhere_, 0.8}});
  row.sample = Noise({1, 4, 2 * kCoarsest, 3 * kCoarsest}, 1);
  AdaptedRow other = row;
  other.sample = moved(row.sample);
  const auto difference = [&] {
    return (moved(Run({row})) - Run({other})).abs().max().item<double>();
  };
  EXPECT_GT(difference(), 1e-2);
  const PaddingModeScope circular(PaddingMode::kCircular);
  EXPECT_LT(difference(), 1e-4);
}

TEST_F(AdaptedRowsTest, EveryFileAndEveryStrengthMakesARowOfItsOwn) {
  const at::Tensor plain = Run({MakeRow(1, 20, {})})[0];
  at::Tensor last = plain;
  for (const std::shared_ptr<const AdapterBranches>& file : files_) {
    const at::Tensor whole = Run({MakeRow(1, 20, {{file, 1}})})[0];
    EXPECT_FALSE(at::equal(whole, last)) << file->name();
    EXPECT_FALSE(at::equal(whole, Run({MakeRow(1, 20, {{file, 0.5}})})[0])) << file->name();
    last = whole;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
