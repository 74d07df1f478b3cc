#include "convert/text.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

TEST(Quoted, WhatCouldControlATerminalIsEscaped) {
  EXPECT_EQ(Quoted("os"), "\"os\"");
  EXPECT_EQ(Quoted("\x1b[2J\"\n"), R"("\x1b[2J\"\n")");
  EXPECT_EQ(Quoted("Gr\xc3\xbc"), R"("Gr\xc3\xbc")");
}

TEST(Quoted, ALongTextIsCut) {
  const std::string quoted = Quoted(std::string(1000, 'a'));
  EXPECT_EQ(quoted, "\"" + std::string(100, 'a') + "...\"");
}

TEST(AppendJsonString, EscapesWhatJsonAsksFor) {
  std::string json = "x";
  AppendJsonString(absl::string_view("a\"\\\b\f\n\r\t\0\x1f\x7f Gr\xc3\xbc", 16), &json);
  EXPECT_EQ(json, "x\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f Gr\xc3\xbc\"");
}

}  // namespace
}  // namespace darkroom::convert
