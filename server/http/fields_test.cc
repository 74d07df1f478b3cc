#include "server/http/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace darkroom::server::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Request Written(absl::string_view type, std::string body) {
  Request request;
  request.headers = {{"Content-Type", std::string(type)}};
  request.body = std::move(body);
  return request;
}
Fields Read(absl::string_view type, std::string body) {
  Fields fields;
  EXPECT_FALSE(ReadFields(Written(type, std::move(body)), fields).has_value());
  return fields;
}
int RefusedWith(absl::string_view type, std::string body) {
  Fields fields;
  const auto failure = ReadFields(Written(type, std::move(body)), fields);
  return failure.has_value() ? failure->http_status : 200;
}

TEST(FieldsTest, TheSameIsReadHoweverItIsWritten) {
  const Fields expected = {{"n", {{"2"}}}, {"prompt", {{"a cat"}}}, {"stream", {{"true"}}}};
  EXPECT_EQ(Read("application/json; charset=utf-8", R"({"prompt":"a cat","n":2,"stream":true})"),
            expected);
  EXPECT_EQ(Read("application/x-www-form-urlencoded", "prompt=a+cat&n=2&stream=true"), expected);
  EXPECT_EQ(Read("Multipart/Form-Data; boundary=b",
                 "--b\r\nContent-Disposition: form-data; name=prompt\r\n\r\na cat\r\n"
                 "--b\r\nContent-Disposition: form-data; name=n\r\n\r\n2\r\n"
                 "--b\r\nContent-Disposition: form-data; name=stream\r\n\r\ntrue\r\n--b--"),
            expected);
}

TEST(FieldsTest, ListsAreSeveralValuesOfOneName) {
  const Fields json = Read("application/json", R"({"image":["a","b"],"x":[]})");
  EXPECT_THAT(json.at("image"), ElementsAre(FieldValue{"a"}, FieldValue{"b"}));
  EXPECT_EQ(json.count("x"), 0u);
  const Fields form =
      Read("application/x-www-form-urlencoded", "image[]=a&image[1]=b&svg[model]=c&[=d");
  EXPECT_THAT(form.at("image"), ElementsAre(FieldValue{"a"}, FieldValue{"b"}));
  EXPECT_THAT(form.at("svg[model]"), ElementsAre(FieldValue{"c"}));
  EXPECT_THAT(form.at("["), ElementsAre(FieldValue{"d"}));
}

TEST(FieldsTest, ObjectsOfJsonAreNamedAsFormsNameThem) {
  const Fields fields =
      Read("application/json", R"({"images":[{"image_url":"a"},{"image_url":"b"}],"user":null})");
  EXPECT_THAT(fields.at("images[image_url]"), ElementsAre(FieldValue{"a"}, FieldValue{"b"}));
  EXPECT_EQ(fields.count("user"), 0u);
  EXPECT_THAT(Read("application/json",
                   absl::StrCat("{\"a\":{\"", std::string(200, 'b'), "\":{\"c\":1}},\"d\":{}}")),
              IsEmpty());
}

TEST(FieldsTest, NumbersKeepTheirValues) {
  const Fields fields =
      Read("application/json", R"({"seed":4294967295,"low":-1,"share":0.1,"large":1e300})");
  EXPECT_EQ(fields.at("seed").front().text, "4294967295");
  EXPECT_EQ(fields.at("low").front().text, "-1");
  EXPECT_EQ(std::stod(fields.at("share").front().text), 0.1);
  EXPECT_EQ(std::stod(fields.at("large").front().text), 1e300);
}

TEST(FieldsTest, WhatCannotBeReadIsRefused) {
  EXPECT_EQ(RefusedWith("text/plain", "a cat"), 415);
  EXPECT_EQ(RefusedWith("", "{}"), 415);
  EXPECT_EQ(RefusedWith("application/json", "[1]"), 400);
  EXPECT_EQ(RefusedWith("application/x-www-form-urlencoded", "a=%"), 400);
  EXPECT_EQ(RefusedWith("multipart/form-data; boundary=b", "a"), 400);
  EXPECT_EQ(RefusedWith("", ""), 200);
}

TEST(FieldsTest, ManySmallValuesAreRefusedBeforeTheyTakeMemory) {
  Fields fields;
  const auto failure = ReadFields(
      Written("application/json", absl::StrCat("{\"a\":[1", std::string(20'001, ','))), fields);
  ASSERT_TRUE(failure.has_value());
  EXPECT_THAT(std::string(failure->status.message()), HasSubstr("more than 20000 values"));
  EXPECT_EQ(RefusedWith("application/x-www-form-urlencoded", std::string(20'001, '&')), 400);
}

}  // namespace
}  // namespace darkroom::server::http
