#include "worker/diffusion/weights/json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

TEST(Json, EveryTypeIsRead) {
  const auto json = Json::Parse(
      R"( {"a": [1, -2.5e1, true, null], "b": {"c": "\u00e9\n\ud83d\ude00"}, "d": 9007199254740993} )");
  ASSERT_TRUE(json.ok()) << json.status();
  const Json::Array& array = *json->Find("a")->array();
  EXPECT_EQ(*array[0].integer(), 1);
  EXPECT_EQ(array[1].number(), -25.0);
  EXPECT_EQ(array[1].integer(), nullptr);
  EXPECT_TRUE(*array[2].boolean());
  EXPECT_TRUE(array[3].is_null());
  EXPECT_EQ(*json->Find("b")->Find("c")->string(), "é\n😀");
  EXPECT_EQ(*json->Find("d")->integer(), 9007199254740993);  // no double has it
  EXPECT_EQ(json->Find("e"), nullptr);
  EXPECT_EQ(array[0].Find("a"), nullptr);
}

TEST(Json, WhatIsNotStrictlyJsonIsRefused) {
  for (const char* text :
       {"",          " ",       "{",           "[1,]",        "[1 2]",       "{\"a\":1,}",
        "{\"a\" 1}", "{a:1}",   "{1:1}",       "01",          "1.",          ".5",
        "+1",        "1e",      "1e999",       "nul",         "tru",         "NaN",
        "\"a",       "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\t\"",    "1 2",     "[] []",       "// c\n1",     "'a'",         "\"\xff\"",
        "\"\\u"}) {
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  }
}

TEST(Json, DuplicateNamesAreRefusedInSmallAndLargeObjects) {
  EXPECT_THAT(std::string(Json::Parse(R"({"a":1,"b":2,"a":3})").status().message()),
              HasSubstr("duplicate member 'a'"));
  std::string text = "{";
  for (int i = 0; i < 50; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(Json::Parse(text + "\"k50\":0}").ok());
  EXPECT_FALSE(Json::Parse(text + "\"k3\":0}").ok());
  EXPECT_FALSE(Json::Parse(text + "\"k49\":0}").ok());
}

TEST(Json, DepthAndCountAreLimited) {
  EXPECT_TRUE(Json::Parse("[[[]]]", {.depth = 3}).ok());
  EXPECT_FALSE(Json::Parse("[[[[]]]]", {.depth = 3}).ok());
  EXPECT_FALSE(Json::Parse(std::string(1'000'000, '[')).ok());
  EXPECT_TRUE(Json::Parse("[1,2]", {.values = 3}).ok());
  EXPECT_FALSE(Json::Parse("[1,2,3]", {.values = 3}).ok());
}

}  // namespace
}  // namespace darkroom::diffusion
