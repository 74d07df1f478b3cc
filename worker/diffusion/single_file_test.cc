// A model that is one file, from the file to a picture.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::HasSubstr;

const fs::path kCheckpoints = "tests/golden/checkpoints";

class SingleFileTest : public ::testing::Test {
 protected:
  SingleFileTest() { fs::create_directories(folder_); }
  ~SingleFileTest() override { fs::remove_all(folder_); }

  static TorchBackendOptions Options() {
    return {.threads = 1, .tokenizer = "tests/golden/tiny_model/tokenizer"};
  }

  static RgbImage Paint(Backend& backend) {
    ImageRequest request;
    request.prompt = "a castle";
    request.width = 16;
    request.height = 24;
    request.steps = 2;
    request.sampler = "Euler";
    request.schedule = "Karras";
    const std::unique_ptr<Generation> generation = backend.Start(request).value();
    while (!generation->done(0)) {
      const std::vector<Row> rows = {{.generation = generation.get(), .image = 0}};
      EXPECT_THAT(backend.Step(rows).value(), Each(absl::OkStatus()));
    }
    return backend.Decode(*generation, 0).value();
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / RandomId();
};

TEST_F(SingleFileTest, EveryFamilyMakesAPicture) {
  for (const std::string family : {"sd1", "sd2", "sdxl"}) {
    const auto backend = LoadTorchBackend(kCheckpoints / (family + ".safetensors"), Options());
    ASSERT_TRUE(backend.ok()) << backend.status();
    EXPECT_EQ((*backend)->info().family, family);
    const RgbImage picture = Paint(**backend);
    EXPECT_EQ(picture.width, 16);
    EXPECT_EQ(picture.height, 24);
  }
}

TEST_F(SingleFileTest, AnotherVaeMakesAnotherPicture) {
  const auto own = LoadTorchBackend(kCheckpoints / "sd1.safetensors", Options());
  TorchBackendOptions options = Options();
  options.vae = kCheckpoints / "vae.safetensors";
  const auto other = LoadTorchBackend(kCheckpoints / "sd1.safetensors", options);
  ASSERT_TRUE(own.ok()) << own.status();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NE(Paint(**own), Paint(**other));
}

TEST_F(SingleFileTest, SettingsBesideTheFileAreItsDefaults) {
  fs::copy(kCheckpoints / "sd1.safetensors", folder_ / "fast.safetensors");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "fast.darkroom.json",
                                  R"({"default_steps": 6, "default_sampler": "LCM",
                                      "default_guidance_scale": 1.5})")
                  .ok());
  const auto backend = LoadTorchBackend(folder_ / "fast.safetensors", Options());
  ASSERT_TRUE(backend.ok()) << backend.status();
  EXPECT_EQ((*backend)->info().default_steps, 6);
  EXPECT_EQ((*backend)->info().default_sampler, "LCM");
  EXPECT_EQ((*backend)->info().default_guidance_scale, 1.5);
}

TEST_F(SingleFileTest, AFileCutShortIsRefusedByName) {
  const std::string bytes = ReadFile(kCheckpoints / "sd1.safetensors", 1 << 24).value();
  ASSERT_TRUE(
      WriteFileAtomically(folder_ / "cut.safetensors", bytes.substr(0, bytes.size() / 2)).ok());
  EXPECT_THAT(
      std::string(LoadTorchBackend(folder_ / "cut.safetensors", Options()).status().message()),
      HasSubstr("cut.safetensors: the tensors take"));
}

TEST_F(SingleFileTest, WithoutAVocabularyTheWayToOneIsNamed) {
  const auto backend = LoadTorchBackend(kCheckpoints / "sd1.safetensors",
                                        {.threads = 1, .tokenizer = "/nonexistent/clip.txt"});
  EXPECT_THAT(std::string(backend.status().message()),
              testing::AllOf(HasSubstr("/nonexistent/clip.txt"), HasSubstr("scripts/setup.sh")));
}

}  // namespace
}  // namespace darkroom::diffusion
