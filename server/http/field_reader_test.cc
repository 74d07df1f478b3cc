#include "server/http/field_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FieldReaderTest, ValuesHaveTheirTypes) {
  FieldReader reader({{"prompt", {{"a cat"}, {"a dog"}}},
                      {"n", {{"3"}}},
                      {"strength", {{"0.25"}}},
                      {"stream", {{"True"}}},
                      {"format", {{"png"}}},
                      {"empty", {{""}}}});
  EXPECT_EQ(reader.Text("prompt"), "a cat");
  EXPECT_EQ(reader.Integer("n", 1, 10), 3);
  EXPECT_EQ(reader.Number("strength", 0, 1), 0.25);
  EXPECT_TRUE(reader.Flag("stream"));
  EXPECT_EQ(reader.Choice("format", {"png", "jpeg"}), "png");
  for (const char* name : {"empty", "missing"}) {
    EXPECT_EQ(reader.Text(name), "");
    EXPECT_FALSE(reader.Integer(name, 1, 10).has_value());
    EXPECT_FALSE(reader.Number(name, 0, 1).has_value());
    EXPECT_FALSE(reader.Flag(name));
    EXPECT_EQ(reader.Choice(name, {"png"}), "");
    EXPECT_THAT(reader.Pictures(name), IsEmpty());
  }
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(FieldReaderTest, AllThatIsWrongIsToldAtOnceAndByField) {
  FieldReader reader({{"n", {{"11"}}},
                      {"strength", {{"nan"}}},
                      {"stream", {{"maybe"}}},
                      {"format", {{"bmp"}}},
                      {"prompt", {{"\xff"}}},
                      {"image", {{"!"}}}});
  reader.Integer("n", 1, 10);
  reader.Number("strength", 0, 1);
  reader.Flag("stream");
  reader.Choice("format", {"png", "jpeg"});
  reader.Text("prompt");
  reader.Pictures("image");
  const absl::Status status = reader.Finish();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("n has to be a whole number from 1 to 10"),
                    HasSubstr("strength has to be a number from 0 to 1"),
                    HasSubstr("stream has to be"), HasSubstr("one of png, jpeg"),
                    HasSubstr("prompt is not UTF-8"), HasSubstr("image is neither")));
}

TEST(FieldReaderTest, PicturesAreFilesOrBase64) {
  FieldReader reader(
      {{"image", {{"\xff\xd8", true}, {"/9g="}, {"data:image/jpeg;base64,/9g="}, {""}}}});
  EXPECT_THAT(reader.Pictures("image"), ElementsAre("\xff\xd8", "\xff\xd8", "\xff\xd8"));
  EXPECT_TRUE(reader.Finish().ok());
}

}  // namespace
}  // namespace darkroom::server::http
