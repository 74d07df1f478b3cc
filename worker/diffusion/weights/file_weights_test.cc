#include "worker/diffusion/weights/file_weights.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

class FileWeightsTest : public testing::Test {
 protected:
  // "half": F16 [2] = 1, -2, behind one byte of "odd", so that it is not aligned.
  FileWeightsTest() {
    const std::string header = R"({"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("half":{"dtype":"F16","shape":[2],"data_offsets":[1,5]},)"
                               R"("full":{"dtype":"F32","shape":[1,1],"data_offsets":[5,9]}})";
    const std::uint64_t length = header.size();
    char prefix[8];
    std::memcpy(prefix, &length, sizeof(length));
    std::string data("\x07\x00\x3C\x00\xC0", 5);
    const float value = 0.1f;
    data.append(reinterpret_cast<const char*>(&value), sizeof(value));
    std::ofstream(path_, std::ios::binary) << std::string(prefix, 8) << header << data;
  }
  ~FileWeightsTest() override { std::filesystem::remove(path_); }

  FileWeights Open(at::ScalarType dtype) {
    auto file = SafetensorsFile::Open(path_);
    EXPECT_TRUE(file.ok()) << file.status();
    return FileWeights(*std::move(file), at::TensorOptions().dtype(dtype));
  }

  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) /
                                      testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(FileWeightsTest, TensorsAreCopiedInTheWantedType) {
  FileWeights weights = Open(at::kFloat);
  const auto half = weights.Take("half", {2});
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_EQ(half->scalar_type(), at::kFloat);
  EXPECT_EQ((*half)[0].item<float>(), 1.0f);
  EXPECT_EQ((*half)[1].item<float>(), -2.0f);
  const auto narrowed = Open(at::kBFloat16).Take("full", {1, 1});
  ASSERT_TRUE(narrowed.ok()) << narrowed.status();
  EXPECT_EQ(narrowed->scalar_type(), at::kBFloat16);
}

TEST_F(FileWeightsTest, AnotherShapeIsRefusedWithBothShapes) {
  FileWeights weights = Open(at::kFloat);
  const std::string message(weights.Take("half", {2, 1}).status().message());
  EXPECT_THAT(message, HasSubstr("'half' is [2], expected [2, 1]"));
  EXPECT_THAT(message, HasSubstr(path_.string()));
}

TEST_F(FileWeightsTest, AbsentAndWholeNumberTensorsAreRefused) {
  FileWeights weights = Open(at::kFloat);
  EXPECT_FALSE(weights.Contains("none"));
  EXPECT_THAT(std::string(weights.Take("none", {1}).status().message()), HasSubstr("no tensor"));
  EXPECT_THAT(std::string(weights.Take("odd", {1}).status().message()),
              HasSubstr("not floating-point"));
}

TEST_F(FileWeightsTest, WhatNobodyTookIsAnErrorUnlessItMayBeLeft) {
  FileWeights weights = Open(at::kFloat);
  ASSERT_TRUE(weights.Take("full", {1, 1}).ok());
  EXPECT_THAT(std::string(weights.CheckAllTaken({}).message()),
              HasSubstr("2 tensors that the config has no place for: half, odd"));
  ASSERT_TRUE(weights.Take("half", {2}).ok());
  EXPECT_TRUE(weights.CheckAllTaken({"odd"}).ok());
}

}  // namespace
}  // namespace darkroom::diffusion
