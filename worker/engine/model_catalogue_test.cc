#include "worker/engine/model_catalogue.h"

#include <fstream>

#include "common/ids.h"
#include "common/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ModelCatalogueTest : public ::testing::Test {
 protected:
  ~ModelCatalogueTest() override { fs::remove_all(base_); }

  void AddModel(const std::string& root, const std::string& name) {
    fs::create_directories(base_ / root / name / "unet");
    std::ofstream(base_ / root / name / "model_index.json") << "{}";
    std::ofstream(base_ / root / name / "unet" / "diffusion_pytorch_model.safetensors") << name;
  }

  void AddFile(const std::string& path) {
    fs::create_directories((base_ / path).parent_path());
    std::ofstream(base_ / path) << path;
  }

  const fs::path base_ = fs::path(::testing::TempDir()) / RandomId();
};

TEST_F(ModelCatalogueTest, FindsTheModelsOfAllRootsByName) {
  AddModel("a", "zebra");
  AddModel("b", "demo");
  fs::create_directories(base_ / "a" / "training");
  const auto models = FindModels({base_ / "a", base_ / "b"}, {});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[0].id, "demo");
  EXPECT_EQ((*models)[0].path, base_ / "b" / "demo");
  EXPECT_EQ(ModelHashes().Of((*models)[0]).value(), Sha256Hex("demo").substr(0, 10));
  EXPECT_EQ((*models)[1].id, "zebra");
}

TEST_F(ModelCatalogueTest, TakesOnlyTheNamedModels) {
  AddModel("a", "one");
  AddModel("a", "two");
  const auto models = FindModels({base_ / "a"}, {"two"});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 1u);
  EXPECT_EQ((*models)[0].id, "two");
}

TEST_F(ModelCatalogueTest, SkipsAFolderWhoseNameIsNoCatalogueId) {
  AddModel("a", "My Model");
  AddModel("a", "fine");
  EXPECT_EQ(FindModels({base_ / "a"}, {}).value().size(), 1u);
}

TEST_F(ModelCatalogueTest, FindsCheckpointFilesBesideFolders) {
  AddModel("a", "demo");
  AddFile("a/Dream Shaper_8.safetensors");
  AddFile("a/notes.txt");
  const auto models = FindModels({base_ / "a"}, {});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[1].id, "dream-shaper_8");
  EXPECT_EQ((*models)[1].display_name, "Dream Shaper_8");
  EXPECT_EQ((*models)[1].path, base_ / "a" / "Dream Shaper_8.safetensors");
  EXPECT_EQ(ModelHashes().Of((*models)[1]).value(),
            Sha256Hex("a/Dream Shaper_8.safetensors").substr(0, 10));
}

TEST_F(ModelCatalogueTest, AFileCanBeNamedByItself) {
  AddFile("one.safetensors");
  AddFile("two.safetensors");
  const auto models = FindModels({base_ / "two.safetensors"}, {});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 1u);
  EXPECT_EQ((*models)[0].id, "two");
}

TEST_F(ModelCatalogueTest, OfAWebuisModelsFolderOnlyTheCheckpointsAreModels) {
  AddFile("models/Stable-diffusion/sd15.safetensors");
  AddFile("models/Stable-diffusion/xl/Base.safetensors");
  AddFile("models/Lora/style.safetensors");
  AddFile("models/VAE/mse.safetensors");
  AddFile("models/embeddings/bad.safetensors");
  const auto models = FindModels({base_ / "models"}, {});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[0].id, "base");
  EXPECT_EQ((*models)[1].id, "sd15");
}

TEST_F(ModelCatalogueTest, AVaeOfTheSameNameGoesWithACheckpointAndIsNoModel) {
  AddFile("a/one.safetensors");
  AddFile("a/one.vae.safetensors");
  AddFile("a/two.safetensors");
  const auto models = FindModels({base_ / "a"}, {});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[0].vae, base_ / "a" / "one.vae.safetensors");
  EXPECT_EQ((*models)[1].vae, "");
}

TEST_F(ModelCatalogueTest, NamesWhatIsMissing) {
  AddModel("a", "one");
  const absl::Status unknown = FindModels({base_ / "a"}, {"two"}).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("one"));
  EXPECT_EQ(FindModels({base_ / "nowhere"}, {}).status().code(), absl::StatusCode::kNotFound);
  fs::create_directories(base_ / "empty");
  EXPECT_EQ(FindModels({base_ / "empty"}, {}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelCatalogueTest, RefusesTwoModelsOfOneName) {
  AddModel("a", "demo");
  AddModel("b", "demo");
  EXPECT_EQ(FindModels({base_ / "a", base_ / "b"}, {}).status().code(),
            absl::StatusCode::kAlreadyExists);
  AddFile("c/Demo.safetensors");
  EXPECT_THAT(std::string(FindModels({base_ / "a", base_ / "c"}, {}).status().message()),
              HasSubstr("two models are named demo"));
}

TEST_F(ModelCatalogueTest, AFolderOfHalfPrecisionHasAHashToo) {
  AddModel("a", "demo");
  const fs::path unet = base_ / "a" / "demo" / "unet";
  fs::rename(unet / "diffusion_pytorch_model.safetensors",
             unet / "diffusion_pytorch_model.fp16.safetensors");
  const auto models = FindModels({base_ / "a"}, {}).value();
  EXPECT_EQ(ModelHashes().Of(models[0]).value(), Sha256Hex("demo").substr(0, 10));
}

TEST_F(ModelCatalogueTest, AStampTellsOfEveryFileOfAModel) {
  AddModel("a", "demo");
  AddFile("a/one.safetensors");
  const auto stamps = [this] {
    std::vector<std::string> all;
    const auto models = FindModels({base_ / "a"}, {});
    for (const FoundModel& model : *models) {
      all.push_back(model.stamp);
    }
    return all;
  };
  std::vector<std::string> before = stamps();
  EXPECT_EQ(stamps(), before);
  AddFile("a/demo/vae/diffusion_pytorch_model.safetensors");
  EXPECT_NE(stamps()[0], before[0]);
  for (const char* file : {"a/one.vae.safetensors", "a/one.darkroom.json", "a/one.safetensors"}) {
    before = stamps();
    AddFile(file);
    fs::last_write_time(base_ / file, fs::file_time_type::clock::now() + std::chrono::seconds(1));
    EXPECT_EQ(stamps()[0], before[0]);
    EXPECT_NE(stamps()[1], before[1]) << file;
  }
}

TEST_F(ModelCatalogueTest, OfTwoModelsOfOneNameTheOneThatIsServedStays) {
  AddFile("a/demo.safetensors");
  AddFile("b/Demo.safetensors");
  for (const char* served : {"a/demo.safetensors", "b/Demo.safetensors"}) {
    const ModelSearch search =
        FindModelsAgain({base_ / "a", base_ / "b"}, {}, {{"demo", base_ / served}});
    ASSERT_EQ(search.models.size(), 1u);
    EXPECT_EQ(search.models[0].path, base_ / served);
    ASSERT_EQ(search.left_out.size(), 1u);
    EXPECT_NE(search.left_out[0].path, base_ / served);
  }
}

TEST_F(ModelCatalogueTest, OfMoreModelsThanAWorkerServesThoseThatAreServedStay) {
  for (int i = 0; i <= kMaxModels; ++i) AddFile("a/" + std::to_string(i) + ".safetensors");
  EXPECT_EQ(FindModels({base_ / "a"}, {}).status().code(), absl::StatusCode::kResourceExhausted);
  const ModelSearch search =
      FindModelsAgain({base_ / "a"}, {}, {{"0", base_ / "a" / "0.safetensors"}});
  EXPECT_EQ(search.models.size(), static_cast<std::size_t>(kMaxModels));
  EXPECT_EQ(search.models[0].id, "0");
  EXPECT_EQ(search.left_out.size(), 1u);
}

}  // namespace
}  // namespace darkroom::worker
