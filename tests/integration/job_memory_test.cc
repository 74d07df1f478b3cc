// What a worker's memory does not hold is refused by the gateway.

#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kModel[] = "tiny";

class JobMemoryTest : public StackTest {
 protected:
  void SetUp() override {
    const auto fill = [](const fs::path& models) {
      fs::copy("tests/golden/tiny_model", models / kModel, fs::copy_options::recursive);
    };
    // In GiB: a quarter of a MiB above what is taken for granted (memory_estimate.h).
    UseStack(Stack::StartReal(fill, kModel, {"--job_memory", "0.0315"}));
  }

  static v1::GenerateImageRequest Asking(int side) {
    v1::GenerateImageRequest request;
    request.mutable_parameters()->set_model(kModel);
    request.mutable_parameters()->set_prompt("a castle");
    request.mutable_parameters()->set_width(side);
    request.mutable_parameters()->set_height(side);
    request.mutable_parameters()->set_steps(1);
    return request;
  }
};

TEST_F(JobMemoryTest, APictureThatIsTooLargeForTheWorkersMemoryIsRefusedBeforeItIsQueued) {
  const auto model = stack_->connection().GetModel(kModel);
  ASSERT_TRUE(model.ok()) << model.status();
  constexpr int kSide = 64;
  ASSERT_LE(kSide, model->max_side());
  ASSERT_LT(model->max_pixels(), kSide * kSide);

  const auto refused = Generate(Asking(kSide));
  const absl::Status status = refused->Join();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("width"));
  EXPECT_THAT(status.message(), HasSubstr("make it smaller"));
  EXPECT_THAT(status.message(), HasSubstr("--job_memory"));
  EXPECT_TRUE(refused->Images().empty());

  ExpectPicture(*Generate(Asking(16)));
}

}  // namespace
}  // namespace darkroom::testing
