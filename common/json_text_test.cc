#include "common/json_text.h"

#include <string>

#include "gtest/gtest.h"

namespace darkroom {
namespace {

std::string JsonString(absl::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

TEST(JsonText, QuotesAreKeptApartFromTheText) {
  EXPECT_EQ(JsonString(""), "\"\"");
  EXPECT_EQ(JsonString("a \"b\" \\ c"), "\"a \\\"b\\\" \\\\ c\"");
}

TEST(JsonText, ControlCharactersAreEscapedAndUtf8Passes) {
  EXPECT_EQ(JsonString(absl::string_view("a\nb\0\x1f\x7f", 6)), "\"a\\u000ab\\u0000\\u001f\x7f\"");
  EXPECT_EQ(JsonString("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

TEST(JsonText, IsAddedToWhatIsThere) {
  std::string json = "{\"a\":";
  AppendJsonString(json, "b");
  EXPECT_EQ(json, "{\"a\":\"b\"");
}

}  // namespace
}  // namespace darkroom
