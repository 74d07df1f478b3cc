#include "worker/engine/model_shelf.h"

#include <fstream>

#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/fake_backend.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// Files whose content begins with "whole" are models, with the rest as their hash.
class ModelShelfTest : public ::testing::Test {
 protected:
  ModelShelfTest() { fs::create_directories(base_); }
  ~ModelShelfTest() override { fs::remove_all(base_); }

  // Times of change are coarse on some file systems, so each write has a time of its own.
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(base_ / name) << content;
    fs::last_write_time(base_ / name, fs::file_time_type::clock::now() + ++writes_ * kTick);
  }

  absl::StatusOr<ServedModel> Serve(const FoundModel& model) {
    ++tries_;
    if (while_served_) std::exchange(while_served_, nullptr)();
    std::ifstream file(model.path);
    std::string word, hash;
    file >> word >> hash;
    if (word != "whole") return absl::InvalidArgumentError("is cut short");
    diffusion::FakeBackendOptions options;
    options.info.hash = hash;
    return ServedModel{model.id, model.display_name,
                       std::make_unique<diffusion::FakeBackend>(std::move(options))};
  }

  void Fill() {
    const auto serve = [this](const FoundModel& model) { return Serve(model); };
    ASSERT_TRUE(shelf_.Fill(FindModels({base_}, {}).value(), serve).ok());
  }

  // What a look changes, as "-id" and "id=hash".
  std::vector<std::string> Changes() {
    const ModelChanges changes = shelf_.Rescan();
    unsettled_ = changes.unsettled;
    std::vector<std::string> words;
    for (const std::string& id : changes.gone) words.push_back("-" + id);
    for (const ServedModel& model : changes.added) {
      words.push_back(model.id + "=" + model.backend->info().hash);
    }
    return words;
  }

  static constexpr std::chrono::seconds kTick{1};
  const fs::path base_ = fs::path(::testing::TempDir()) / RandomId();
  int writes_ = 0;
  int tries_ = 0;
  bool unsettled_ = false;
  std::function<void()> while_served_;
  std::vector<std::pair<std::string, std::string>> warnings_;
  ModelShelf shelf_{{base_},
                    {},
                    [this](const FoundModel& model) { return Serve(model); },
                    [this](const fs::path& path, absl::string_view why) {
                      warnings_.emplace_back(path.filename().string(), why);
                    }};
};

TEST_F(ModelShelfTest, ModelsComeAndGoWithTheirFiles) {
  Write("a.safetensors", "whole 1");
  Fill();
  EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_FALSE(unsettled_);
  Write("b.safetensors", "whole 2");
  EXPECT_THAT(Changes(), IsEmpty()) << "somebody may be writing it";
  EXPECT_TRUE(unsettled_);
  EXPECT_THAT(Changes(), ElementsAre("b=2"));
  EXPECT_FALSE(unsettled_);
  fs::remove(base_ / "a.safetensors");
  EXPECT_THAT(Changes(), ElementsAre("-a"));
  fs::remove_all(base_);
  EXPECT_THAT(Changes(), ElementsAre("-b"));
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_F(ModelShelfTest, AReplacedFileIsANewModelOnceItIsWholeAndTheOldOneUntilThen) {
  Write("a.safetensors", "whole 1");
  Fill();
  Write("a.safetensors", "wh");
  EXPECT_THAT(Changes(), IsEmpty());
  Write("a.safetensors", "whole");
  EXPECT_THAT(Changes(), IsEmpty());
  Write("a.safetensors", "whole 2");
  EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_THAT(Changes(), ElementsAre("a=2"));
  EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ModelShelfTest, ADamagedFileIsLeftOutWithOneWarningAndTakenOnceItIsWhole) {
  Write("a.safetensors", "whole 1");
  Fill();
  Write("a.safetensors", "cut");
  Changes();
  EXPECT_THAT(Changes(), ElementsAre("-a"));
  const int tries = tries_;
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_EQ(tries_, tries) << "it is as it was";
  EXPECT_THAT(warnings_, ElementsAre(Pair("a.safetensors", "is cut short")));
  Write("a.safetensors", "whole 2");
  Changes();
  EXPECT_THAT(Changes(), ElementsAre("a=2"));
}

TEST_F(ModelShelfTest, AFileThatChangesWhileItIsReadIsReadAgain) {
  Write("a.safetensors", "whole 1");
  Fill();
  Write("b.safetensors", "whole 2");
  Changes();
  while_served_ = [this] { Write("b.safetensors", "whole 3"); };
  EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_TRUE(unsettled_);
  Changes();
  EXPECT_THAT(Changes(), ElementsAre("b=3"));
}

TEST_F(ModelShelfTest, WhatCouldNotBeServedAtTheStartIsServedOnceItCan) {
  Write("a.safetensors", "whole 1");
  Write("b.safetensors", "half");
  Fill();
  EXPECT_THAT(warnings_, ElementsAre(Pair("b.safetensors", "is cut short")));
  Changes();
  Write("b.safetensors", "whole 2");
  Changes();
  EXPECT_THAT(Changes(), ElementsAre("b=2"));
}

TEST_F(ModelShelfTest, AModelThatIsNamedHasToBeServedAtTheStart) {
  Write("a.safetensors", "whole 1");
  Write("b.safetensors", "half");
  const auto serve = [this](const FoundModel& model) { return Serve(model); };
  ModelShelf shelf({base_}, {"a", "b"}, serve);
  EXPECT_FALSE(shelf.Fill(FindModels({base_}, {"a", "b"}).value(), serve).ok());
}

}  // namespace
}  // namespace darkroom::worker
