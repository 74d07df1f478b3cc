#include "server/http/form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace darkroom::server::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kType[] = "multipart/form-data; boundary=b";

// What a client sends for one field.
std::string Part(absl::string_view parameters, absl::string_view value) {
  return absl::StrCat("--b\r\nContent-Disposition: form-data; ", parameters, "\r\n\r\n", value,
                      "\r\n");
}
std::string Complaint(absl::string_view type, absl::string_view body,
                      const FormLimits& limits = {}) {
  return std::string(ParseMultipart(type, body, limits).status().message());
}

TEST(FormTest, ReadsFieldsAndFilesAsTheyWereSent) {
  const std::string picture("\x89PNG\r\n\x1a\n\0\r\n--", 13);
  const std::string body = absl::StrCat(
      Part("name=\"prompt\"", "a cat\r\n-- on a mat"),
      "--b\r\nContent-Type: image/png\r\ncontent-disposition: form-data; name=\"image[]\"; "
      "filename=\"a.png\"\r\n\r\n",
      picture, "\r\n", Part("name=n", ""), "--b--\r\n");
  const auto fields = ParseMultipart(kType, body);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(FormField{"prompt", "a cat\r\n-- on a mat", false},
                                   FormField{"image[]", picture, true}, FormField{"n", "", false}));
}

TEST(FormTest, WhatIsAroundTheBoundariesIsPassedOver) {
  const std::string body = absl::StrCat("for old mailers\r\n", Part("name=a", "1"), "--b \t\r\n",
                                        Part("name=c", "2").substr(5), "--b--epilogue\r\n--b\r\n");
  const auto fields = ParseMultipart(kType, body);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(FormField{"a", "1"}, FormField{"c", "2"}));
  EXPECT_TRUE(ParseMultipart(kType, "--b--\r\n")->empty());
}

TEST(FormTest, NamesMayHaveWhatStandsBetweenQuotes) {
  const std::string body = absl::StrCat(Part(R"(filename="x; name=\"no\""; name="a\"b;c")", "1"),
                                        Part(R"(NAME="d%22e")", "2"), "--b--");
  const auto fields = ParseMultipart("multipart/form-data; charset=utf-8; boundary=\"b\"", body);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(FormField{"a\"b;c", "1", true}, FormField{"d\"e", "2"}));
}

TEST(FormTest, WhatIsNoFormIsRefusedWithTheReason) {
  const std::string good = absl::StrCat(Part("name=a", "1"), "--b--");
  EXPECT_THAT(Complaint("multipart/form-data", good), HasSubstr("no boundary"));
  EXPECT_THAT(Complaint(absl::StrCat("multipart/form-data; boundary=", std::string(71, 'b')), good),
              HasSubstr("no boundary"));
  EXPECT_THAT(Complaint("multipart/form-data; boundary=c", good), HasSubstr("is not in it"));
  EXPECT_THAT(Complaint(kType, Part("name=a", "1")), HasSubstr("breaks off"));
  EXPECT_THAT(Complaint(kType, "--b\r\nContent-Disposition: form-data"), HasSubstr("no end"));
  EXPECT_THAT(Complaint(kType, "--bc\r\n\r\n--b--"), HasSubstr("line of its own"));
  EXPECT_THAT(Complaint(kType, Part("nam=a", "1") + "--b--"), HasSubstr("with a name"));
  EXPECT_THAT(Complaint(kType, "--b\r\n\r\n1\r\n--b--"), HasSubstr("with a name"));
  const auto encoded = ParseMultipart(kType,
                                      "--b\r\nContent-Disposition: form-data; name=mask\r\n"
                                      "Content-Transfer-Encoding: base64\r\n\r\nAA==\r\n--b--");
  EXPECT_THAT(std::string(encoded.status().message()), HasSubstr("mask"));
}

TEST(FormTest, LimitsHold) {
  const std::string body = absl::StrCat(Part("name=abc", "1"), Part("name=abd", "2"), "--b--");
  EXPECT_TRUE(ParseMultipart(kType, body, {.fields = 2, .head_bytes = 42, .name_bytes = 3}).ok());
  EXPECT_THAT(Complaint(kType, body, {.fields = 1, .head_bytes = 42, .name_bytes = 3}),
              HasSubstr("more than 1 fields"));
  EXPECT_THAT(Complaint(kType, body, {.fields = 2, .head_bytes = 41, .name_bytes = 3}),
              HasSubstr("longer than 41"));
  EXPECT_THAT(Complaint(kType, body, {.fields = 2, .head_bytes = 42, .name_bytes = 2}),
              HasSubstr("longer than 2"));
}

}  // namespace
}  // namespace darkroom::server::http
