#include "server/http/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "darkroom/v1/generation_service.pb.h"
#include "server/core/api_error.h"
#include "server/http/failure.h"

namespace darkroom::server::http {
namespace {

using ::testing::HasSubstr;

TEST(JsonTest, TellsTheFieldThatIsWrong) {
  darkroom::v1::CreateJobRequest request;
  const auto complaint = [&request](absl::string_view json) {
    return std::string(FromJson(json, request).message());
  };
  EXPECT_THAT(complaint(R"({"parameters":{"initImage":{"mask":{"blurr":1}}}})"),
              HasSubstr("parameters.init_image.mask.blurr is not a field"));
  EXPECT_THAT(complaint(R"({"nothing":1})"), HasSubstr("nothing is not a field"));
  EXPECT_THAT(complaint(R"({"parameters":{"width":"wide"}})"),
              HasSubstr("parameters.width has an invalid value"));
  for (const char* wrong : {"", "[]", "5", "{", "{\"requestId\":\"\xff\"}", "{} {}"}) {
    EXPECT_EQ(ReasonOf(FromJson(wrong, request)), reason::kMalformed) << wrong;
  }
}

TEST(JsonTest, NeitherLongValuesNorDeepOnesAreTrouble) {
  darkroom::v1::CreateJobRequest request;
  const std::string picture(1 << 20, '%');
  const absl::Status status =
      FromJson("{\"parameters\":{\"initImage\":{\"content\":\"" + picture + "\"}}}", request);
  EXPECT_FALSE(status.ok());
  EXPECT_LT(status.message().size(), 1000u);
  EXPECT_FALSE(FromJson(std::string(100'000, '['), request).ok());
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"parameters\":";
  EXPECT_FALSE(FromJson(deep, request).ok());
}

}  // namespace
}  // namespace darkroom::server::http
