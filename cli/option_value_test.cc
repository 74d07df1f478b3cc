#include "cli/option_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace darkroom::cli {
namespace {

template <typename Value>
std::string Error(absl::string_view text) {
  Value value{};
  return std::string(ParseValue(text, value).message());
}

TEST(OptionValueTest, ReadsNumbers) {
  std::int64_t wide = 0;
  ASSERT_TRUE(ParseValue("-4294967295", wide).ok());
  EXPECT_EQ(wide, -4294967295);
  double number = 0;
  ASSERT_TRUE(ParseValue("0.25", number).ok());
  EXPECT_EQ(number, 0.25);
}

TEST(OptionValueTest, KeepsNumbersFromWrapping) {
  EXPECT_EQ(Error<std::int32_t>("4294967316"), "\"4294967316\" is too large");
  std::int32_t narrow = 0;
  ASSERT_TRUE(ParseValue("-2147483648", narrow).ok());
  EXPECT_EQ(narrow, -2147483648);
}

TEST(OptionValueTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(Error<std::int32_t>("7x"), "\"7x\" is not a whole number");
  EXPECT_EQ(Error<std::int64_t>(""), "\"\" is not a whole number");
  for (const char* text : {"", "1,5", "inf", "nan", "1e999"}) {
    EXPECT_THAT(Error<double>(text), ::testing::EndsWith("is not a number"));
  }
}

TEST(OptionValueTest, ReadsTruthInAnyCase) {
  bool value = false;
  ASSERT_TRUE(ParseValue("True", value).ok());
  EXPECT_TRUE(value);
  ASSERT_TRUE(ParseValue("false", value).ok());
  EXPECT_FALSE(value);
  EXPECT_EQ(Error<bool>("yes"), "\"yes\" is neither true nor false");
}

}  // namespace
}  // namespace darkroom::cli
