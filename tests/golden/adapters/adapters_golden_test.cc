// Compares what adapter files change with what diffusers, PEFT and LyCORIS make of them; the data
// is made by make_adapter_goldens.py.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/tensor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/adapter_set.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr char kModel[] = "tests/golden/tiny_model";
constexpr char kGoldens[] = "tests/golden/adapters";

// Every tensor of a file.
std::map<std::string, at::Tensor> ReadAll(const std::filesystem::path& path) {
  SafetensorsFile file = SafetensorsFile::Open(path).value();
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& [name, view] : file.tensors()) shapes.emplace(name, view.shape);
  FileWeights weights(std::move(file), at::kFloat);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, shape] : shapes) tensors.emplace(name, *weights.Take(name, shape));
  return tensors;
}

double RelativeError(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

class AdaptersGoldenTest : public testing::Test {
 protected:
  AdapterSet Load(absl::string_view file) const {
    return AdapterSet::Load(
               SafetensorsFile::Open(absl::StrCat(kGoldens, "/files/", file, ".safetensors"))
                   .value(),
               modules_)
        .value();
  }

  at::Tensor Weight(const AdaptableModule& module) const {
    const bool unet = module.component == Component::kUNet;
    FileWeights weights(
        SafetensorsFile::Open(FindWeights(kModel, unet ? "unet" : "text_encoder").value()).value(),
        at::kFloat);
    return *weights.Take(module.name + ".weight", module.shape);
  }

  at::Tensor Random(at::IntArrayRef shape) {
    return at::empty(shape, at::kFloat).normal_(0, 1, generator_);
  }

  // As the model computes the module: kernels of 3 with padding 1, shortcuts too as convolutions.
  Placement Place(const AdaptableModule& module) const {
    Placement place{.weight = Weight(module)};
    if (module.shape.size() != 4 || absl::StrContains(module.name, "proj_")) return place;
    place.convolution = true;
    place.padding = module.shape[2] == 3 ? 1 : 0;
    place.stride = absl::StrContains(module.name, "downsamplers") ? 2 : 1;
    place.weight = place.weight.contiguous(at::MemoryFormat::ChannelsLast);
    return place;
  }

  at::Tensor Forward(const Placement& place, const at::Tensor& weight, const at::Tensor& x) const {
    if (!place.convolution) {
      return ops_.Prepare(LinearWeights{.weight = weight.flatten(1), .bias = {}})->Forward(x);
    }
    return ops_
        .Prepare(ConvolutionWeights{
            .weight = weight, .bias = {}, .stride = place.stride, .padding = place.padding})
        ->Forward(x);
  }

  // Rows of different strengths beside the module, against each row through a changed weight.
  void ExpectBranchIsFusion(const AdaptableModule& module, const Adapter& adapter) {
    const Placement place = Place(module);
    const std::int64_t in = module.shape[1];
    const at::Tensor x = place.convolution
                             ? Random({3, in, 6, 5}).contiguous(at::MemoryFormat::ChannelsLast)
                             : Random({3, 10, in});
    const std::vector<double> strengths = {0.7, -0.3, 1};
    const at::Tensor delta = adapter.Delta(place.weight);
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < 3; ++i) {
      const double strength = strengths[static_cast<std::size_t>(i)];
      at::Tensor row = Forward(place, place.weight + delta * strength, x.narrow(0, i, 1));
      if (const at::Tensor bias = adapter.BiasDelta(); bias.defined()) {
        row = row + (place.convolution ? bias.view({-1, 1, 1}) : bias) * strength;
      }
      rows.push_back(row);
    }
    std::vector<std::int64_t> column(static_cast<std::size_t>(x.dim()), 1);
    column[0] = 3;
    const at::Tensor unfused = adapter.MakeBranch(place, ops_)
                                   ->Forward(x, at::tensor(strengths, at::kFloat).view(column),
                                             Forward(place, place.weight, x));
    EXPECT_LE(RelativeError(unfused, at::cat(rows)), 1e-5);
  }

  const c10::InferenceMode inference_;
  const CpuOps ops_;
  const std::unique_ptr<DiffusionModel> model_ = DiffusionModel::Load(kModel, {}).value();
  const ModuleIndex& modules_ = model_->modules();
  const std::map<std::string, at::Tensor> expected_ =
      ReadAll(absl::StrCat(kGoldens, "/expected.safetensors"));
  at::Generator generator_ = at::detail::createCPUGenerator(5);
};

TEST_F(AdaptersGoldenTest, EveryKindInEverySpellingChangesWhatTheReferenceChanges) {
  std::map<std::string, AdapterSet> sets;
  std::map<std::string, std::size_t> checked;
  double worst = 0;
  for (const auto& [name, expected] : expected_) {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    if (parts.size() != 3) continue;
    SCOPED_TRACE(name);
    const std::string& file = parts[0];
    if (!sets.contains(file)) sets.emplace(file, Load(file));
    const auto component = parts[1] == "unet" ? Component::kUNet : Component::kTextEncoder;
    absl::string_view spelled = parts[2];
    const bool bias = absl::ConsumeSuffix(&spelled, ":bias");
    const std::vector<std::size_t> found = modules_.Find(component, spelled);
    ASSERT_EQ(found.size(), 1u);
    const AdaptableModule& module = modules_.modules()[found.front()];
    const Adapter* adapter = sets.at(file).Find(found.front());
    ASSERT_NE(adapter, nullptr);
    const at::Tensor actual = bias ? adapter->BiasDelta() : adapter->Delta(Weight(module));
    ASSERT_EQ(actual.sizes(), expected.sizes());
    const double error = RelativeError(actual, expected);
    EXPECT_LE(error, 1e-6);
    worst = std::max(worst, error);
    ExpectBranchIsFusion(module, *adapter);
    if (!bias) ++checked[file];
  }
  // A file changes nothing that the reference leaves.
  for (const auto& [file, set] : sets) {
    std::size_t changed = 0;
    for (std::size_t i = 0; i < modules_.modules().size(); ++i) changed += set.Find(i) != nullptr;
    EXPECT_EQ(changed, checked[file]) << file;
  }
  EXPECT_EQ(sets.size(), 20u);
  RecordProperty("worst", absl::StrCat(worst));
}

}  // namespace
}  // namespace darkroom::diffusion
