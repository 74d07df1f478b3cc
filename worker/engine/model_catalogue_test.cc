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
  EXPECT_EQ((*models)[0].hash, Sha256Hex("demo").substr(0, 10));
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
}

}  // namespace
}  // namespace darkroom::worker
