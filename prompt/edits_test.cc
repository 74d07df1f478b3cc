#include "prompt/edits.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

// "switch 3(a,b)" and "rotate(a,b)" for each edit, in order.
std::string Describe(absl::string_view text) {
  const auto edits = ParseEdits(text);
  if (!edits.has_value()) return "failure";
  std::string result;
  for (const Edit& edit : *edits) {
    absl::StrAppend(&result, result.empty() ? "" : " ");
    if (edit.kind == Edit::Kind::kSwitch) {
      absl::StrAppend(&result, "switch ", edit.when, edit.is_fraction ? "." : "");
    } else {
      absl::StrAppend(&result, "rotate");
    }
    const char* separator = "(";
    for (const TextRange& option : edit.options) {
      absl::StrAppend(&result, separator, text.substr(option.begin, option.end - option.begin));
      separator = ",";
    }
    absl::StrAppend(&result, ")");
  }
  return result;
}

TEST(Edits, SwitchesHaveOneTextOrTwo) {
  EXPECT_EQ(Describe("x [a:b:3] y"), "switch 3(a,b)");
  EXPECT_EQ(Describe("[b:3]"), "switch 3(,b)");
  EXPECT_EQ(Describe("[a::3]"), "switch 3(a,)");
  EXPECT_EQ(Describe("[:3]"), "switch 3(,)");
  EXPECT_EQ(Describe("[3:4:5]"), "switch 5(3,4)");
}

TEST(Edits, ANumberWithAPointIsAFraction) {
  EXPECT_EQ(Describe("[b:.5]"), "switch 0.5.(,b)");
  EXPECT_EQ(Describe("[b:1.]"), "switch 1.(,b)");
  EXPECT_EQ(Describe("[b:1e1]"), "switch 10(,b)");
  EXPECT_EQ(Describe("[b:-2]"), "switch -2(,b)");
  EXPECT_EQ(Describe("[b:  +2\n]"), "switch 2(,b)");
}

TEST(Edits, WhatFollowsTheLastColonMustBeANumber) {
  EXPECT_EQ(Describe("[a:b:c]"), "");
  EXPECT_EQ(Describe("[a:1.2.3]"), "");
  EXPECT_EQ(Describe("[a:3 b]"), "");
  EXPECT_EQ(Describe("[a:(3)]"), "");
  EXPECT_EQ(Describe("[a:٣]"), "");  // the grammar's digits are ASCII
  EXPECT_EQ(Describe("[a:1_0]"), "");
  EXPECT_EQ(Describe("[a:1e999]"), "");
  EXPECT_EQ(Describe("[a:b:c:3]"), "");
}

TEST(Edits, RotationsMayHaveEmptyOptions) {
  EXPECT_EQ(Describe("[a|b|c]"), "rotate(a,b,c)");
  EXPECT_EQ(Describe("[|]"), "rotate(,)");
  EXPECT_EQ(Describe("[fe|||]male"), "rotate(fe,,,)");
}

TEST(Edits, ConstructsNest) {
  EXPECT_EQ(Describe("[a:[b|(c:1.2)]:3]"), "switch 3(a,[b|(c:1.2)]) rotate(b,(c:1.2))");
  EXPECT_EQ(Describe("([a:3]:[b:4])"), "switch 3(,a) switch 4(,b)");
  EXPECT_EQ(Describe("[[[b]]:2]"), "switch 2(,[[b]])");
}

TEST(Edits, StrayBracketsAreTextAndSpoilWhatIsAroundThem) {
  EXPECT_EQ(Describe("((a][:b:c [d:3]"), "switch 3(,d)");
  EXPECT_EQ(Describe("[a ) b:3]"), "");
  EXPECT_EQ(Describe("[a:[b:3]"), "switch 3(,b)");
  EXPECT_EQ(Describe("[a:3]]"), "switch 3(,a)");
  EXPECT_EQ(Describe("([a:3]:b:c)"), "switch 3(,a)");
  EXPECT_EQ(Describe("[(a:b:c) d:3] [e:4]"), "switch 4(,e)");
}

TEST(Edits, ABarOutsideARotationIsAFailure) {
  for (const char* text : {"a|b", "|", "(a|b)", "[(a|b)]", "[a|b", "[a|b:3]", "[a:b|c:3]", "[a|b)]",
                           "[a|[b]", "[x [a|b) y]"}) {
    EXPECT_EQ(Describe(text), "failure") << text;
  }
}

TEST(Edits, EscapesHideCharacters) {
  EXPECT_EQ(Describe("\\[a:3]"), "");
  EXPECT_EQ(Describe("[a\\|b|c\\]]"), "rotate(a\\|b,c\\])");
  EXPECT_EQ(Describe("a\\|b"), "");
  EXPECT_EQ(Describe("a\\"), "failure");
  EXPECT_EQ(Describe("a\\\nb"), "failure");
}

TEST(Edits, HostileNestingIsNoProblem) {
  EXPECT_EQ(Describe(std::string(4096, '[')), "");
  EXPECT_EQ(Describe(std::string(4096, ']')), "");
  std::string nested = "a";
  for (int i = 0; i < 1000; ++i) nested = absl::StrCat("[", nested, ":1]");
  EXPECT_EQ(ParseEdits(nested)->size(), 1000u);
}

}  // namespace
}  // namespace darkroom::prompt
