#include "server/a1111/fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

class FieldsTest : public testing::Test {
 protected:
  Fields Read(const std::string& json) {
    object_.Clear();
    EXPECT_TRUE(http::FromJson(json, object_).ok()) << json;
    return {object_, violations_};
  }

  google::protobuf::Struct object_;
  std::vector<FieldViolation> violations_;
};

TEST_F(FieldsTest, NullAndNothingAreTheSame) {
  for (const char* json : {"{}", R"({"a": null})", R"({"a": [null]})"}) {
    const Fields fields = Read(json);
    EXPECT_FALSE(fields.Has("a"));
    EXPECT_EQ(fields.Whole("a"), std::nullopt);
    EXPECT_EQ(fields.Flag("a"), std::nullopt);
    EXPECT_EQ(fields.Text("a"), "");
    EXPECT_TRUE(fields.Texts("a").empty());
    EXPECT_EQ(fields.Picture("a"), std::nullopt);
  }
  EXPECT_TRUE(violations_.empty());
}

TEST_F(FieldsTest, AnArrayOfOneIsItsElementAndTextsMayBeNumbers) {
  const Fields fields = Read(R"({"a": [7], "b": "7.5", "c": ["x"], "d": "true", "e": 1})");
  EXPECT_EQ(fields.Whole("a"), 7);
  EXPECT_EQ(fields.Number("b"), 7.5);
  EXPECT_EQ(fields.Text("c"), "x");
  EXPECT_EQ(fields.Flag("d"), true);
  EXPECT_EQ(fields.Flag("e"), true);
  EXPECT_TRUE(violations_.empty());
}

TEST_F(FieldsTest, WhatCannotBeReadIsNamed) {
  const Fields fields =
      Read(R"({"a": 1.5, "b": 4294967296, "c": "x", "d": {}, "e": 3, "f": "%%", "g": "1e400"})");
  EXPECT_EQ(fields.Whole("a"), std::nullopt);
  EXPECT_EQ(fields.Whole("b"), std::nullopt);
  EXPECT_EQ(fields.Flag("c"), std::nullopt);
  EXPECT_EQ(fields.Text("d"), "");
  EXPECT_EQ(fields.Object("e").fields_size(), 0);
  EXPECT_EQ(fields.Picture("f"), std::nullopt);
  EXPECT_EQ(fields.Number("g"), std::nullopt);
  std::string named;
  for (const FieldViolation& violation : violations_) named += violation.field;
  EXPECT_EQ(named, "abcdefg");
}

TEST_F(FieldsTest, LargeSeedsStayWhole) {
  EXPECT_EQ(Read(R"({"seed": 4294967295})").BigWhole("seed"), 4294967295);
}

TEST_F(FieldsTest, APictureComesInBase64OrAsADataUrl) {
  const Fields fields = Read(R"({"a": "UE5H", "b": "data:image/png;base64,UE5H", "c": ""})");
  EXPECT_EQ(fields.Picture("a"), "PNG");
  EXPECT_EQ(fields.Picture("b"), "PNG");
  EXPECT_EQ(fields.Picture("c"), std::nullopt);
  EXPECT_TRUE(violations_.empty());
}

TEST_F(FieldsTest, TextsLeaveOutEmptyOnes) {
  const Fields fields = Read(R"({"a": ["x", "", "y"], "b": "z", "c": [1, "x"]})");
  EXPECT_EQ(fields.Texts("a"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(fields.Texts("b"), std::vector<std::string>{"z"});
  EXPECT_TRUE(violations_.empty());
  EXPECT_EQ(fields.Texts("c"), std::vector<std::string>{"x"});
  EXPECT_EQ(violations_.size(), 1u);
}

}  // namespace
}  // namespace darkroom::server::a1111
