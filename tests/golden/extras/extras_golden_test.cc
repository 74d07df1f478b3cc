// Compares pictures that are only made larger with AUTOMATIC1111's, bit for bit;
// make_extras_goldens.py makes the data.

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_photo.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/upscale_generation.h"

namespace darkroom::diffusion {
namespace {

std::uint64_t DigestOf(const RgbImage& image) {
  std::uint64_t digest = 14695981039346656037u;
  for (const std::uint8_t byte : image.pixels) digest = (digest ^ byte) * 1099511628211u;
  return digest;
}

TEST(ExtrasGoldenTest, EveryWayToEnlargeIsAutomatic1111s) {
  const c10::InferenceMode inference;
  TestFile file("extras.safetensors");  // makes pixels that are twice as wide and high
  file.Add("body.0.weight", {1, 3, 3, 3}, 0);
  file.Add("body.0.bias", {1}, 0);
  file.Add("body.1.weight", {1}, 0);
  file.Add("body.2.weight", {12, 1, 3, 3}, 0);
  file.Add("body.2.bias", {12}, 0);
  file.Open();
  FileCache<UpscalerNetwork> files(
      1 << 20,
      [](const NamedFile& named) -> absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> {
        return UpscalerNetwork::Load(named.path, at::kCPU);
      });
  files.SetFiles({{.name = "doubler", .path = file.path()}});
  const std::string lines = ReadFile("tests/golden/extras/extras.txt", 1 << 16).value();
  int cases = 0;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    std::istringstream words{std::string(line)};
    int width = 0, height = 0, made_width = 0, made_height = 0;
    std::uint64_t digest = 0;
    Upscale request;
    words >> width >> height >> request.scale >> request.cover.width >> request.cover.height >>
        request.crop >> request.upscaler >> request.second_upscaler >> request.second_share >>
        made_width >> made_height >> digest;
    if (request.second_upscaler == "-") request.second_upscaler.clear();
    request.picture = GoldenPhoto(width, height);
    const auto generation = UpscaleGeneration::Prepare(files, request).value();
    while (!generation->done(0)) ASSERT_TRUE(generation->Scale().ok());
    const RgbImage made = generation->picture();
    EXPECT_EQ(made.width, made_width) << line;
    EXPECT_EQ(made.height, made_height) << line;
    EXPECT_EQ(DigestOf(made), digest) << line;
    ++cases;
  }
  EXPECT_EQ(cases, 14);
}

}  // namespace
}  // namespace darkroom::diffusion
