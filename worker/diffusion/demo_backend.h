#ifndef DARKROOM_WORKER_DIFFUSION_DEMO_BACKEND_H_
#define DARKROOM_WORKER_DIFFUSION_DEMO_BACKEND_H_

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/torch_backend.h"

// For tests of the torch backend: the demo model, and pictures of it.

namespace darkroom::diffusion {

// Small, and of few steps.
inline ImageRequest Request(std::string prompt, std::int64_t seed) {
  ImageRequest request;
  request.prompt = std::move(prompt);
  request.seed = seed;
  request.width = 64;
  request.height = 64;
  request.steps = 4;
  request.sampler = "DPM++ 2M";
  request.schedule = "Karras";
  request.guidance_scale = 4;
  return request;
}

// Loads the model once for all tests of a fixture.
class DemoBackendTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // One thread: on a busy machine libgomp's threads wait for each other at every operation.
    backend_ = LoadTorchBackend("models/demo", {.threads = 1, .model_hash = "0123456789"})
                   .value()
                   .release();
  }
  static void TearDownTestSuite() { delete std::exchange(backend_, nullptr); }

  static std::unique_ptr<Generation> Start(const ImageRequest& request) {
    return backend_->Start(request).value();
  }

  // A generation for each sampler of the model, of the request that `ask` makes for its name.
  template <typename Ask>
  static std::vector<std::unique_ptr<Generation>> StartEverySampler(Ask ask) {
    std::vector<std::unique_ptr<Generation>> generations;
    for (const std::string& sampler : backend_->info().samplers) {
      generations.push_back(Start(ask(sampler)));
    }
    return generations;
  }

  // Whether the backend takes one more row, of this key, with these.
  static bool Fits(const Backend& backend, const std::vector<Row>& rows, const BatchKey& key) {
    return key == rows[0].generation->batch_key(rows[0].image) &&
           static_cast<int>(rows.size()) < backend.max_rows(key);
  }

  // Steps every image of every generation, as many of equal keys as a step takes at once, until
  // none is left.
  static void Finish(const std::vector<Generation*>& generations, Backend& backend = *backend_) {
    while (true) {
      std::vector<Row> rows;
      bool scales = false;
      for (Generation* generation : generations) {
        for (int i = 0; i < generation->image_count(); ++i) {
          if (generation->done(i)) continue;
          if (generation->scaling_left(i) > 0) {
            ASSERT_TRUE(backend.Scale(*generation, i).ok());
            scales = true;
          } else if (rows.empty() || Fits(backend, rows, generation->batch_key(i))) {
            rows.push_back({.generation = generation, .image = i});
          }
        }
      }
      if (!rows.empty()) {
        ASSERT_THAT(backend.Step(rows).value(), ::testing::Each(absl::OkStatus()));
      } else if (!scales) {
        return;
      }
    }
  }
  // The same, of the generations' owners.
  static void FinishAll(const std::vector<std::unique_ptr<Generation>>& generations,
                        Backend& backend = *backend_) {
    std::vector<Generation*> all;
    for (const auto& generation : generations) all.push_back(generation.get());
    Finish(all, backend);
  }

  static RgbImage Paint(const ImageRequest& request) {
    const std::unique_ptr<Generation> generation = Start(request);
    Finish({generation.get()});
    return backend_->Decode(*generation, 0).value();
  }

  static int LargestDifference(const RgbImage& a, const RgbImage& b) {
    EXPECT_EQ(a.pixels.size(), b.pixels.size());
    int largest = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
      largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
    }
    return largest;
  }

  static inline Backend* backend_ = nullptr;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_DEMO_BACKEND_H_
