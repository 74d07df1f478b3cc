// What a GPU must do as the CPU does, and what only a GPU can do wrong.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/isfinite.h"
#include "ATen/ops/ones.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/device_memory.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::Each;

struct Difference {
  int largest = 0;
  double mean = 0;
};

Difference Compare(const RgbImage& a, const RgbImage& b) {
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  Difference difference;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const int here = std::abs(int{a.pixels[i]} - int{b.pixels[i]});
    difference.largest = std::max(difference.largest, here);
    difference.mean += here / static_cast<double>(a.pixels.size());
  }
  return difference;
}

class CudaTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Backend> Load(const std::string& device, const std::string& dtype) {
    return LoadTorchBackend("models/demo", {.device = device, .dtype = dtype}).value();
  }

  static ImageRequest Request(std::string prompt, std::int64_t seed) {
    ImageRequest request;
    request.prompt = std::move(prompt);
    request.width = 128;
    request.height = 128;
    request.steps = 20;
    request.sampler = "DPM++ 2M";
    request.schedule = "Karras";
    request.guidance_scale = 5;
    request.seed = seed;
    return request;
  }

  // The first of the requests, painted while the others share its batches.
  static RgbImage PaintFirst(Backend& backend, const std::vector<ImageRequest>& requests) {
    std::vector<std::unique_ptr<Generation>> generations;
    for (const ImageRequest& request : requests) {
      generations.push_back(backend.Start(request).value());
    }
    for (std::vector<Row> rows = Waiting(generations); !rows.empty(); rows = Waiting(generations)) {
      EXPECT_THAT(backend.Step(rows).value(), Each(absl::OkStatus()));
    }
    return backend.Decode(*generations[0], 0).value();
  }

  static std::vector<Row> Waiting(const std::vector<std::unique_ptr<Generation>>& generations) {
    std::vector<Row> rows;
    for (const auto& generation : generations) {
      if (!generation->done(0)) rows.push_back({.generation = generation.get(), .image = 0});
    }
    return rows;
  }

  // Records both numbers with the test's result, for docs/benchmarks.md.
  static void Note(const std::string& what, const Difference& difference) {
    RecordProperty(what + "_largest", difference.largest);
    std::printf("%s: largest %d, mean %.4f of 255\n", what.c_str(), difference.largest,
                difference.mean);
  }
};

TEST_F(CudaTest, PaintsInFloat32WhatTheCpuPaints) {
  const ImageRequest request = Request("a red apple on a blue background", 11);
  const RgbImage cpu = PaintFirst(*Load("cpu", "float32"), {request});
  const Difference difference = Compare(cpu, PaintFirst(*Load("cuda", "float32"), {request}));
  Note("float32", difference);
  EXPECT_LE(difference.largest, 1);
}

TEST_F(CudaTest, HalfPrecisionStaysNearFloat32) {
  const ImageRequest request = Request("a red apple on a blue background", 11);
  const RgbImage exact = PaintFirst(*Load("cuda", "float32"), {request});
  for (const std::string dtype : {"float16", "bfloat16"}) {
    const Difference difference = Compare(exact, PaintFirst(*Load("cuda", dtype), {request}));
    Note(dtype, difference);
    EXPECT_LE(difference.mean, dtype == "float16" ? 1 : 4) << dtype;
  }
}

TEST_F(CudaTest, APictureStaysTheSameBesideSevenOthers) {
  std::vector<ImageRequest> requests = {Request("a red apple on a blue background", 11)};
  for (int i = 0; i < 7; ++i) {
    requests.push_back(Request("a green tree, number " + std::to_string(i), 100 + i));
    requests.back().steps = 8 + 4 * i;
    requests.back().guidance_scale = 1 + i;
  }
  for (const std::string dtype : {"float32", "float16", "bfloat16"}) {
    const std::unique_ptr<Backend> backend = Load("cuda", dtype);
    const RgbImage alone = PaintFirst(*backend, {requests[0]});
    EXPECT_EQ(Compare(alone, PaintFirst(*backend, {requests[0]})).largest, 0) << dtype;
    const Difference difference = Compare(alone, PaintFirst(*backend, requests));
    Note("beside_others_" + dtype, difference);
    if (dtype == "float32") {
      EXPECT_LE(difference.largest, 1);
    }
  }
}

TEST_F(CudaTest, TheExactVaeDecodesWhatOverflowsInHalfPrecision) {
  const c10::InferenceMode inference;
  const auto model =
      DiffusionModel::Load("models/demo", {.device = "cuda", .dtype = at::kHalf}).value();
  const auto finite = [](const at::Tensor& pixels) {
    return at::isfinite(pixels).all().item<bool>();
  };
  at::Tensor latent = at::ones({1, 4, 16, 16}, at::TensorOptions().device(at::kCUDA));
  EXPECT_TRUE(finite(model->vae().Decode(latent)));
  while (finite(model->vae().Decode(latent))) latent = latent * 4;
  EXPECT_TRUE(finite(model->exact_vae().Decode(latent)));
}

TEST_F(CudaTest, ItsMemoryIsTheWorkersTheOthersAndWhatIsFree) {
  const std::unique_ptr<Backend> backend = Load("cuda", "float16");
  const DeviceMemory before = ReadGpuMemory("cuda").value();
  EXPECT_GT(before.worker, std::int64_t{1} << 20);
  EXPECT_GT(before.free, 0);
  const std::int64_t bytes = std::int64_t{64} << 20;
  const at::Tensor more =
      at::empty({bytes}, at::TensorOptions().device(at::kCUDA).dtype(at::kByte));
  const DeviceMemory after = ReadGpuMemory("cuda").value();
  EXPECT_GE(after.worker, before.worker + bytes);
  EXPECT_LE(after.free, before.free - bytes);
}

TEST_F(CudaTest, AFullDeviceFailsTheStepAndNotTheBackend) {
  const std::unique_ptr<Backend> backend = Load("cuda", "float16");
  const ImageRequest request = Request("a red apple on a blue background", 11);
  const RgbImage before = PaintFirst(*backend, {request});
  const auto generation = backend->Start(request).value();
  {
    // Takes the memory in ever smaller pieces until hardly any is left.
    std::vector<at::Tensor> hoard;
    const auto options = at::TensorOptions().device(at::kCUDA).dtype(at::kByte);
    for (std::int64_t bytes = std::int64_t{8} << 30; bytes >= 1 << 12;) {
      try {
        hoard.push_back(at::empty({bytes}, options));
      } catch (const std::exception&) {
        bytes /= 2;
      }
    }
    EXPECT_TRUE(absl::IsResourceExhausted(backend->Step({{generation.get(), 0}}).status()));
  }
  while (!generation->done(0)) {
    EXPECT_THAT(backend->Step({{generation.get(), 0}}).value(), Each(absl::OkStatus()));
  }
  EXPECT_EQ(Compare(before, backend->Decode(*generation, 0).value()).largest, 0);
}

}  // namespace
}  // namespace darkroom::diffusion
