#include "convert/safetensors_header.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

using ::testing::HasSubstr;

TensorHeader Floats(const std::string& name, std::int64_t count) {
  return {.name = name,
          .type = ElementType::kF32,
          .shape = {count},
          .bytes = static_cast<std::uint64_t>(count) * 4};
}

TEST(SafetensorsHeader, NamesPlacesAndPads) {
  const std::string header = SafetensorsHeader({Floats("b", 2), Floats("a", 1)}).value();
  EXPECT_EQ(header.size() % 8, 0U);
  EXPECT_EQ(header.substr(0, 8),
            std::string({static_cast<char>(header.size() - 8), 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_THAT(header.substr(8),
              HasSubstr(R"({"__metadata__":{"format":"pt"},)"
                        R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})"));
}

TEST(SafetensorsHeader, LargerElementsComeFirstThenNames) {
  std::vector<TensorHeader> tensors = {Floats("b", 1), Floats("a", 1), Floats("c", 1)};
  tensors[2].type = ElementType::kI64;
  std::sort(tensors.begin(), tensors.end(), ComesBefore);
  EXPECT_EQ(tensors[0].name, "c");
  EXPECT_EQ(tensors[1].name, "a");
  EXPECT_EQ(tensors[2].name, "b");
}

TEST(SafetensorsHeader, TheReservedNameIsRefused) {
  EXPECT_FALSE(SafetensorsHeader({Floats("__metadata__", 1)}).ok());
}

TEST(SafetensorsHeader, WhatOurReaderWouldNotTakeIsRefused) {
  EXPECT_TRUE(SafetensorsHeader(std::vector<TensorHeader>(kMaxTensors, Floats("", 0))).ok());
  EXPECT_FALSE(SafetensorsHeader(std::vector<TensorHeader>(kMaxTensors + 1, Floats("", 0))).ok());
  EXPECT_FALSE(SafetensorsHeader({Floats(std::string(kMaxHeaderBytes, 'n'), 1)}).ok());
}

}  // namespace
}  // namespace darkroom::convert
