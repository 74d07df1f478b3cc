#ifndef DARKROOM_WORKER_DIFFUSION_TINY_REQUESTS_H_
#define DARKROOM_WORKER_DIFFUSION_TINY_REQUESTS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/backend.h"

// For tests of the torch backend with the tiny models of tests/golden.

namespace darkroom::diffusion {

inline ImageRequest TinyRequest(std::string prompt, std::string negative = "") {
  ImageRequest request;
  request.prompt = std::move(prompt);
  request.negative_prompt = std::move(negative);
  request.seed = 5;
  request.width = 16;
  request.height = 16;
  request.steps = 4;
  request.sampler = "DPM++ 2M";
  request.schedule = "Karras";
  request.guidance_scale = 4;
  return request;
}

// The pictures of requests of one image that are made in one batch.
inline std::vector<RgbImage> PaintTogether(Backend& backend,
                                           const std::vector<ImageRequest>& requests) {
  std::vector<std::unique_ptr<Generation>> generations;
  for (const ImageRequest& request : requests) {
    generations.push_back(backend.Start(request).value());
  }
  while (true) {
    std::vector<Row> rows;
    for (const auto& generation : generations) {
      if (!generation->done(0)) rows.push_back({.generation = generation.get(), .image = 0});
    }
    if (rows.empty()) break;
    EXPECT_THAT(backend.Step(rows).value(), ::testing::Each(absl::OkStatus()));
  }
  std::vector<RgbImage> pictures;
  for (const auto& generation : generations) {
    pictures.push_back(backend.Decode(*generation, 0).value());
  }
  return pictures;
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TINY_REQUESTS_H_
