#include "worker/diffusion/adapters/row_adapters.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/ops/cpu_ops.h"

namespace darkroom::diffusion {
namespace {

constexpr std::size_t kLinearModule = 0;
constexpr std::size_t kConvolutionModule = 1;
constexpr std::size_t kUntouched = 2;
constexpr std::int64_t kIn = 12;
constexpr std::int64_t kOut = 16;

// A model of a linear, a convolution and a module that no file changes, and eight LoRA files.
class RowAdaptersTest : public testing::Test {
 protected:
  RowAdaptersTest() {
    for (int file = 0; file < 8; ++file) {
      TestFile stored(absl::StrCat("row_adapters_", file));
      const auto add = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
        const at::Tensor values = Random(shape);
        stored.AddValues(name, shape, values.const_data_ptr<float>());
      };
      add("unet.linear.lora.down.weight", {2 + file, kIn});
      add("unet.linear.lora.up.weight", {kOut, 2 + file});
      add("unet.convolution.lora.down.weight", {3, kIn, 3, 3});
      add("unet.convolution.lora.up.weight", {kOut, 3, 1, 1});
      const AdapterSet set = AdapterSet::Load(stored.Open(), modules_).value();
      files_.push_back(std::make_shared<const AdapterBranches>(
          absl::StrCat("file ", file), set, modules_.modules().size(),
          [this](std::size_t module) { return Place(module); }, ops_));
    }
  }

  Placement Place(std::size_t module) {
    if (module == kLinearModule) return {.weight = Random({kOut, kIn})};
    return {.weight = Random({kOut, kIn, 3, 3}), .convolution = true, .padding = 1};
  }

  at::Tensor Random(at::IntArrayRef shape) {
    return at::empty(shape, at::kFloat).normal_(0, 1, generator_);
  }

  // One row of what a module sees, or of what comes out of it.
  at::Tensor Row(std::size_t module, std::int64_t channels) {
    if (module == kConvolutionModule) {
      return Random({1, channels, 9, 7}).contiguous(at::MemoryFormat::ChannelsLast);
    }
    return Random({1, 77, channels});
  }

  at::Tensor Run(std::size_t module, const std::vector<std::vector<RowAdapters::Use>>& rows,
                 const std::vector<at::Tensor>& x, const std::vector<at::Tensor>& y) {
    at::Tensor out = at::cat(y);
    RowAdapters(rows, out.options()).AddTo(module, at::cat(x), &out);
    return out;
  }

  // Every row of the batch alone has the bits that it has among the others.
  void ExpectRowsAreTheirOwn(const std::vector<std::vector<RowAdapters::Use>>& rows) {
    for (const std::size_t module : {kLinearModule, kConvolutionModule}) {
      SCOPED_TRACE(module);
      std::vector<at::Tensor> x, y;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        x.push_back(Row(module, kIn));
        y.push_back(Row(module, kOut));
      }
      const at::Tensor batch = Run(module, rows, x, y);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const at::Tensor alone = Run(module, {rows[i]}, {x[i]}, {y[i]});
        EXPECT_TRUE(at::equal(batch.narrow(0, static_cast<std::int64_t>(i), 1), alone)) << i;
        EXPECT_EQ(at::equal(alone, y[i]), rows[i].empty()) << i;
      }
    }
  }

  const c10::InferenceMode inference_;
  const CpuOps ops_;
  at::Generator generator_ = at::detail::createCPUGenerator(9);
  const ModuleIndex modules_{
      std::vector<AdaptableModule>{{Component::kUNet, "linear", {kOut, kIn}},
                                   {Component::kUNet, "convolution", {kOut, kIn, 3, 3}},
                                   {Component::kUNet, "untouched", {kOut, kIn}}}};
  std::vector<std::shared_ptr<const AdapterBranches>> files_;
};

TEST_F(RowAdaptersTest, EightRowsWithEightAdaptersAreEightSingleRuns) {
  std::vector<std::vector<RowAdapters::Use>> rows;
  for (int i = 0; i < 8; ++i) {
    rows.push_back({{files_[static_cast<std::size_t>(i)], 0.3 * i - 0.5}});
  }
  ExpectRowsAreTheirOwn(rows);
}

TEST_F(RowAdaptersTest, RowsThatShareAFileWithOtherStrengthsAreTheirOwnToo) {
  ExpectRowsAreTheirOwn(
      {{{files_[0], 0.7}}, {{files_[0], -0.2}}, {}, {{files_[1], 1}}, {{files_[0], 0.7}}});
  ExpectRowsAreTheirOwn({{{files_[0], 0.7}}, {{files_[0], 0.4}}});
}

TEST_F(RowAdaptersTest, RowsWithSeveralFilesAddThemInOneOrderWhateverTheirNeighboursUse) {
  ExpectRowsAreTheirOwn({{{files_[2], 0.7}, {files_[0], 0.5}, {files_[1], -1}},
                         {{files_[1], 0.2}},
                         {{files_[0], 0.5}, {files_[2], 0.7}},
                         {{files_[7], 1}, {files_[2], 1}}});
}

TEST_F(RowAdaptersTest, ARowThatNamesAFileTwiceUsesItWithBothStrengths) {
  const at::Tensor x = Row(kLinearModule, kIn);
  const at::Tensor y = Row(kLinearModule, kOut);
  EXPECT_TRUE(at::equal(Run(kLinearModule, {{{files_[0], 0.5}, {files_[0], 0.25}}}, {x}, {y}),
                        Run(kLinearModule, {{{files_[0], 0.75}}}, {x}, {y})));
}

TEST_F(RowAdaptersTest, AModuleThatNoFileChangesIsLeft) {
  const std::vector<std::vector<RowAdapters::Use>> rows = {{{files_[0], 1}}, {}};
  const RowAdapters adapters(rows, at::kFloat);
  EXPECT_TRUE(adapters.Changes(kLinearModule));
  EXPECT_FALSE(adapters.Changes(kUntouched));
  at::Tensor y = at::cat({Row(kUntouched, kOut), Row(kUntouched, kOut)});
  const at::Tensor before = y.clone();
  adapters.AddTo(kUntouched, at::cat({Row(kUntouched, kIn), Row(kUntouched, kIn)}), &y);
  EXPECT_TRUE(at::equal(y, before));
  EXPECT_FALSE(RowAdapters({}, at::kFloat).Changes(kLinearModule));
}

TEST_F(RowAdaptersTest, ARowOfLessThanFloat32IsComputedInItsOwnType) {
  const at::Tensor weight = Random({kOut, kIn}).to(at::kBFloat16);
  TestFile stored("row_adapters_bfloat16");
  stored.Add("unet.linear.diff", {kOut, kIn}, 1);
  const AdapterSet set = AdapterSet::Load(stored.Open(), modules_).value();
  const auto branches = std::make_shared<const AdapterBranches>(
      "file", set, modules_.modules().size(),
      [&](std::size_t) { return Placement{.weight = weight}; }, ops_);
  const std::vector<std::vector<RowAdapters::Use>> uses = {{{branches, 0.5}}};
  const at::Tensor x = Row(kLinearModule, kIn).to(at::kBFloat16);
  at::Tensor y = Row(kLinearModule, kOut).to(at::kBFloat16);
  RowAdapters(uses, y.options()).AddTo(kLinearModule, x, &y);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
}

}  // namespace
}  // namespace darkroom::diffusion
