#ifndef DARKROOM_TESTS_INTEGRATION_STACK_TEST_H_
#define DARKROOM_TESTS_INTEGRATION_STACK_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/integration/recording.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {

// A test with real processes of its own. Their logs are printed when it fails.
class StackTest : public ::testing::Test {
 protected:
  explicit StackTest(absl::Duration step = absl::Milliseconds(50)) : step_(step) {}

  void SetUp() override { UseStack(Stack::Start(step_)); }
  void UseStack(absl::StatusOr<std::unique_ptr<Stack>> stack) {
    ASSERT_TRUE(stack.ok()) << stack.status();
    stack_ = *std::move(stack);
  }
  void TearDown() override {
    if (HasFailure() && stack_ != nullptr) std::cerr << stack_->Logs();
  }

  cli::JobApi& jobs() { return stack_->connection().jobs(); }

  // A job that is being recorded from its first event on.
  std::unique_ptr<Recording> Generate(const v1::GenerateImageRequest& request) {
    return std::make_unique<Recording>(jobs(), request);
  }

  // The recording ended with the picture, gap-free.
  static void ExpectPicture(Recording& recording) {
    const absl::Status status = recording.Join();
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(recording.end().state(), v1::JOB_STATE_SUCCEEDED)
        << recording.end().error().ShortDebugString();
    EXPECT_TRUE(recording.CheckGapFree().ok()) << recording.CheckGapFree();
    EXPECT_EQ(recording.Images().size(), static_cast<std::size_t>(recording.end().images_size()));
    EXPECT_GT(recording.Images().size(), 0u);
  }

  const absl::Duration step_;
  std::unique_ptr<Stack> stack_;
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_STACK_TEST_H_
