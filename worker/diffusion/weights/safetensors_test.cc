#include "worker/diffusion/weights/safetensors.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

class SafetensorsTest : public testing::Test {
 protected:
  ~SafetensorsTest() override { std::filesystem::remove(path_); }

  static std::string Length(std::uint64_t length) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(length >> (8 * i)));
    return bytes;
  }

  absl::StatusOr<SafetensorsFile> OpenBytes(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return SafetensorsFile::Open(path_);
  }

  // A file with this header and so many bytes of data.
  absl::StatusOr<SafetensorsFile> Open(const std::string& header, std::size_t data) {
    return OpenBytes(absl::StrCat(Length(header.size()), header, std::string(data, 'x')));
  }

  // What is wrong with that file.
  std::string Problem(const std::string& header, std::size_t data) {
    const absl::Status status = Open(header, data).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << header;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_.string()));
    EXPECT_EQ(ReadSafetensorsHeader(path_).status(), status);
    return std::string(status.message());
  }

  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) /
                                      testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SafetensorsTest, AGoodFileIsReadWhateverTheOrderOfItsHeader) {
  const auto file = Open(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
      R"("none":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}}   )",
      12);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->tensors().size(), 3u);
  const TensorView& b = file->tensors().at("b");
  EXPECT_EQ(b.type, TensorType::kF16);
  EXPECT_THAT(b.shape, testing::ElementsAre(2, 2));
  EXPECT_EQ(b.bytes.size(), 8u);
  EXPECT_EQ(file->tensors().at("a").bytes.size(), 4u);
  EXPECT_TRUE(file->tensors().at("none").bytes.empty());
  const auto header = ReadSafetensorsHeader(path_);
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_THAT(header->metadata, testing::ElementsAre(testing::Pair("format", "pt")));
  EXPECT_EQ(header->tensors.size(), 3u);
  EXPECT_THAT(header->tensors.at("b").shape, testing::ElementsAre(2, 2));
}

TEST_F(SafetensorsTest, ATruncatedFileIsRefusedAtEveryLength) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string whole = absl::StrCat(Length(header.size()), header, "12345678");
  ASSERT_TRUE(OpenBytes(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(OpenBytes(whole.substr(0, size)).ok()) << size;
    EXPECT_FALSE(ReadSafetensorsHeader(path_).ok()) << size;
  }
  EXPECT_FALSE(OpenBytes(whole + "9").ok());
}

TEST_F(SafetensorsTest, AHeaderLengthThatLiesIsRefusedBeforeAnythingIsAllocated) {
  for (const std::uint64_t length :
       {std::uint64_t{100}, SafetensorsFile::kMaxHeaderBytes + 1, ~std::uint64_t{0}}) {
    EXPECT_FALSE(OpenBytes(Length(length) + "{}").ok()) << length;
  }
}

TEST_F(SafetensorsTest, TensorsLieEndToEnd) {
  const auto two = [](int begin, int end) {
    return absl::StrCat(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)",
                        R"("b":{"dtype":"U8","shape":[4],"data_offsets":[)", begin, ",", end,
                        "]}}");
  };
  EXPECT_TRUE(Open(two(4, 8), 8).ok());
  EXPECT_THAT(Problem(two(2, 6), 8), HasSubstr("overlaps"));
  EXPECT_THAT(Problem(two(0, 4), 8), HasSubstr("overlaps"));
  EXPECT_THAT(Problem(two(5, 9), 9), HasSubstr("gap"));
  EXPECT_THAT(Problem(two(4, 8), 9), HasSubstr("the file has 9"));
  EXPECT_THAT(Problem(two(4, 8), 7), HasSubstr("the file has 7"));
}

TEST_F(SafetensorsTest, ALengthIsTheProductOfItsShape) {
  const auto one = [](const char* shape, const char* offsets) {
    return absl::StrCat(R"({"a":{"dtype":"F32","shape":)", shape, R"(,"data_offsets":)", offsets,
                        "}}");
  };
  EXPECT_TRUE(Open(one("[2]", "[0,8]"), 8).ok());
  EXPECT_THAT(Problem(one("[3]", "[0,8]"), 8), HasSubstr("product"));
  // Each product would be eight bytes if it wrapped around.
  EXPECT_THAT(Problem(one("[4611686018427387906]", "[0,8]"), 8), HasSubstr("product"));
  EXPECT_THAT(Problem(one("[4294967296,4294967296,2]", "[0,8]"), 8), HasSubstr("product"));
  EXPECT_THAT(Problem(one("[-2]", "[0,8]"), 8), HasSubstr("shape"));
  EXPECT_THAT(Problem(one("[2.0]", "[0,8]"), 8), HasSubstr("shape"));
  EXPECT_THAT(Problem(one("[1,1,1,1,1,1,1,1,2]", "[0,8]"), 8), HasSubstr("shape"));
  EXPECT_THAT(Problem(one("[2]", "[8,0]"), 8), HasSubstr("data_offsets"));
  EXPECT_THAT(Problem(one("[2]", "[0,8,8]"), 8), HasSubstr("data_offsets"));
  EXPECT_THAT(Problem(one("[2]", "[0,18446744073709551624]"), 8), HasSubstr("data_offsets"));
}

TEST_F(SafetensorsTest, UnknownAndDuplicateKeysAreRefused) {
  const std::string good = R"("dtype":"U8","shape":[1],"data_offsets":[0,1])";
  EXPECT_TRUE(Open(absl::StrCat(R"({"a":{)", good, "}}"), 1).ok());
  EXPECT_THAT(Problem(absl::StrCat(R"({"a":{)", good, R"(},"a":{)", good, "}}"), 1),
              HasSubstr("duplicate"));
  EXPECT_THAT(Problem(absl::StrCat(R"({"a":{)", good, R"(,"shape":[1]}})"), 1),
              HasSubstr("duplicate"));
  EXPECT_THAT(Problem(absl::StrCat(R"({"a":{)", good, R"(,"extra":1}})"), 1),
              HasSubstr("is not {dtype"));
  EXPECT_THAT(Problem(R"({"a":{"dtype":"U8","shape":[1],"offsets":[0,1]}})", 1),
              HasSubstr("is not {dtype"));
  EXPECT_THAT(Problem(R"({"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}})", 1),
              HasSubstr("'F4' is not supported"));
  EXPECT_THAT(Problem(R"({"__metadata__":{"a":1}})", 0), HasSubstr("__metadata__"));
  EXPECT_THAT(Problem("[]", 0), HasSubstr("not an object"));
  EXPECT_THAT(Problem(R"({"a":[[[[]]]]})", 0), HasSubstr("nested too deeply"));
}

TEST_F(SafetensorsTest, TooManyTensorsAreRefused) {
  std::string header = "{";
  for (std::size_t i = 0; i <= SafetensorsFile::kMaxTensors; ++i) {
    absl::StrAppend(&header, i == 0 ? "" : ",", "\"", i,
                    R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})");
  }
  EXPECT_THAT(Problem(header + "}", 0), HasSubstr("too many tensors"));
}

TEST_F(SafetensorsTest, WhatIsNoFileIsRefused) {
  EXPECT_EQ(SafetensorsFile::Open("/nonexistent").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(SafetensorsFile::Open(testing::TempDir()).ok());
  EXPECT_FALSE(SafetensorsFile::Open("/dev/zero").ok());
  EXPECT_EQ(ReadSafetensorsHeader("/nonexistent").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadSafetensorsHeader(testing::TempDir()).ok());
  EXPECT_FALSE(ReadSafetensorsHeader("/dev/zero").ok());
}

}  // namespace
}  // namespace darkroom::diffusion
