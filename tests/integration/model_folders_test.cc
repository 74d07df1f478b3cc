// Checkpoints that come, change and go in the folder of a worker that runs.

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr std::size_t kHashDigits = 10;
const fs::path kCheckpoints = "tests/golden/checkpoints";

class ModelFoldersTest : public StackTest {
 protected:
  void SetUp() override {
    UseStack(
        Stack::StartReal([](const fs::path& models) { Copy("sd1", models / "first"); }, "first"));
  }

  // Whole at once, as a file is that was moved here.
  static void Copy(const std::string& family, fs::path to) {
    fs::path part = to;
    part += ".part";
    fs::copy_file(kCheckpoints / (family + ".safetensors"), part);
    to += ".safetensors";
    fs::rename(part, to);
  }

  static std::string HashOf(const std::string& family) {
    return Sha256HexOfFile(kCheckpoints / (family + ".safetensors")).value().substr(0, kHashDigits);
  }

  // As "id hash", of models that a worker serves.
  std::vector<std::string> Listed() {
    const auto listed = stack_->connection().ListModels({});
    if (!listed.ok()) return {std::string(listed.status().message())};
    std::vector<std::string> models;
    for (const v1::Model& model : listed->models()) {
      models.push_back(absl::StrCat(model.display_name(), " ", model.hash()));
    }
    return models;
  }
  absl::Status AwaitListed(const std::vector<std::string>& models) {
    return Eventually(kPatience, [&] {
      return Listed() == models ? absl::OkStatus() : absl::UnavailableError("not listed");
    });
  }

  static v1::GenerateImageRequest Asking(const std::string& model) {
    v1::GenerateImageRequest request;
    request.mutable_parameters()->set_model(model);
    request.mutable_parameters()->set_prompt("a castle");
    request.mutable_parameters()->set_width(16);
    request.mutable_parameters()->set_height(16);
    request.mutable_parameters()->set_steps(1);
    return request;
  }

  fs::path models() const { return stack_->folder() / "models"; }
};

TEST_F(ModelFoldersTest, ModelsComeAndChangeAndGoWithTheirFilesWhileJobsRun) {
  ASSERT_THAT(Listed(), ElementsAre("first " + HashOf("sd1")));

  // A new one, and one that is cut short.
  Copy("sdxl", models() / "second");
  std::ofstream(models() / "cut.safetensors") << "nonsense";
  ASSERT_TRUE(AwaitListed({"first " + HashOf("sd1"), "second " + HashOf("sdxl")}).ok());
  ExpectPicture(*Generate(Asking("second")));

  // Replaced while a job of it runs, which keeps what it began with.
  v1::GenerateImageRequest slow = Asking("first");
  slow.mutable_parameters()->set_width(64);
  slow.mutable_parameters()->set_height(64);
  slow.mutable_parameters()->set_steps(40);
  const auto running = Generate(slow);
  Copy("sd2", models() / "first");
  ASSERT_TRUE(AwaitListed({"first " + HashOf("sd2"), "second " + HashOf("sdxl")}).ok());
  ExpectPicture(*running);
  EXPECT_THAT(running->end().images(0).infotext(), HasSubstr(HashOf("sd1")));
  const auto next = Generate(Asking("first"));
  ExpectPicture(*next);
  EXPECT_THAT(next->end().images(0).infotext(), HasSubstr(HashOf("sd2")));

  // Gone; and what was cut short is whole, and there is a folder in the diffusers layout.
  fs::remove(models() / "second.safetensors");
  Copy("sd1", models() / "cut");
  fs::copy("tests/golden/tiny_model", models() / "tiny", fs::copy_options::recursive);
  const std::string unet = "tests/golden/tiny_model/unet/diffusion_pytorch_model.safetensors";
  ASSERT_TRUE(AwaitListed({"cut " + HashOf("sd1"), "first " + HashOf("sd2"),
                           "tiny " + Sha256HexOfFile(unet).value().substr(0, kHashDigits)})
                  .ok());
  EXPECT_EQ(Generate(Asking("second"))->Join().code(), absl::StatusCode::kInvalidArgument);
  ExpectPicture(*Generate(Asking("tiny")));
  std::size_t warnings = 0;
  const std::string log = stack_->Logs();
  for (std::size_t at = log.find("cut.safetensors"); at != std::string::npos;
       at = log.find("cut.safetensors", at + 1)) {
    ++warnings;
  }
  EXPECT_GE(warnings, 1u);
  EXPECT_LE(warnings, 2u) << "file and reason, once";
}

TEST_F(ModelFoldersTest, AModelWhoseFileIsDamagedIsGivenUpAloneUntilItIsWholeAgain) {
  const std::string first = "first " + HashOf("sd1");
  const std::string second = "second " + HashOf("sdxl");
  Copy("sdxl", models() / "second");
  ASSERT_TRUE(AwaitListed({first, second}).ok());
  ExpectPicture(*Generate(Asking("second")));

  // Written over in place, while the model is in memory.
  std::ofstream(models() / "second.safetensors") << "nonsense";
  ASSERT_TRUE(AwaitListed({first}).ok());
  EXPECT_EQ(Generate(Asking("second"))->Join().code(), absl::StatusCode::kInvalidArgument);
  ExpectPicture(*Generate(Asking("first")));
  EXPECT_THAT(stack_->Logs(), HasSubstr("second.safetensors"));

  Copy("sdxl", models() / "second");
  ASSERT_TRUE(AwaitListed({first, second}).ok());
  ExpectPicture(*Generate(Asking("second")));
}

}  // namespace
}  // namespace darkroom::testing
