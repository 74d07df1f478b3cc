#include "server/dezgo/dezgo_api.h"

#include <gmock/gmock.h>

#include "server/rest/rest_fixture.h"
#include "server/testing/eventually.h"

namespace darkroom::server::dezgo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The gateway of RestTest with Dezgo's interface beside our own.
class DezgoApiTest : public rest::RestTest {
 protected:
  void AddRoutes(http::Router& router) override {
    RestTest::AddRoutes(router);
    AddDezgoApi(router, loop_, gateway_->services(), *ModelAliases::Parse({"dreamshaper_*"}));
  }

  // Sends a request whose answer comes later.
  std::unique_ptr<HttpClient> Send(absl::string_view path, absl::string_view type,
                                   absl::string_view body) {
    auto client = std::make_unique<HttpClient>(http_->port());
    client->Send(absl::StrCat(Head("POST", path), "Content-Type: ", type,
                              "\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
    return client;
  }
  void Work() {
    ASSERT_TRUE(Eventually([this] { return worker_.Lease(); }));
  }
};

TEST_F(DezgoApiTest, ThePictureIsTheAnswer) {
  const auto client = Send("/text2image", "application/x-www-form-urlencoded",
                           "prompt=a+red+apple&model=dreamshaper_8&sampler=euler_a&seed=7&lora1=");
  Work();
  worker_.Image(0, "picture");
  worker_.Succeed();
  const HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "image/png");
  EXPECT_EQ(answer.body, "picture");
  EXPECT_EQ(answer.Header("x-input-seed"), "7");
  EXPECT_EQ(answer.Header("x-dezgo-job-amount-usd"), "0");
  EXPECT_EQ(answer.Header("x-dezgo-balance-total-usd"), "0");
  EXPECT_EQ(StateOf(absl::StrCat("jobs/", answer.Header("x-dezgo-job-id"))),
            darkroom::v1::JOB_STATE_SUCCEEDED);
}

TEST_F(DezgoApiTest, ASeedThatWasDrawnIsTold) {
  const auto client = Send("/text2image_sdxl", "application/json", R"({"prompt":"a red apple"})");
  Work();
  worker_.Image(0, "picture");
  worker_.Succeed();
  EXPECT_EQ(client->Read().Header("x-input-seed"), "42");
}

TEST_F(DezgoApiTest, ErrorsAreTextsThatNameTheirFields) {
  const HttpAnswer answer =
      Post("/text2image", R"({"prompt":"x","guidance":90,"sampler":"magic"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, AllOf(StartsWith(R"({"message":")"), HasSubstr("guidance "),
                                 HasSubstr("sampler "), HasSubstr(R"("code":"INVALID_REQUEST"})")));
  EXPECT_THAT(answer.body, Not(HasSubstr("parameters.")));
  EXPECT_THAT(Post("/inpainting", R"({"prompt":"x"})", "no such key").body,
              HasSubstr(R"("code":"UNAUTHENTICATED")"));
}

TEST_F(DezgoApiTest, AJobThatFailsSaysWhy) {
  const auto client = Send("/text2image", "application/json", R"({"prompt":"a red apple"})");
  Work();
  worker_.Finish(scheduler::Failed{{"OUT_OF_MEMORY", "too large"}});
  const HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, "{\"message\":\"too large\",\"code\":\"OUT_OF_MEMORY\"}\n");
}

TEST_F(DezgoApiTest, AClientThatLeavesCancelsItsJob) {
  auto client = Send("/text2image", "application/json", R"({"prompt":"a red apple"})");
  Work();
  client = nullptr;
  EXPECT_TRUE(Eventually([this] { return worker_.CancelRequested(); }));
}

TEST_F(DezgoApiTest, ModelsAreToldWithWhatTheyCanDo) {
  const HttpAnswer info = Ask(WithJson(Head("GET", "/info"), R"({"a body":"that no one reads"})"));
  EXPECT_EQ(info.status, 200);
  EXPECT_THAT(
      info.body,
      StartsWith(
          R"({"models":[{"id":"demo","name":"Demo","family":"sd1","functions":["text2image",)"));
  EXPECT_THAT(info.body, AllOf(HasSubstr(R"("nativeResolution":{"width":128,"height":128})"),
                               HasSubstr(R"("samplers":["DDIM","DPM++ 2M","Euler","Euler a"])")));
  EXPECT_EQ(Get("/account/tx/last").body, R"({"amount":0,"balance":0})");
}

TEST_F(DezgoApiTest, AModelThatChangesPicturesMakesNoneOfTexts) {
  darkroom::v1::Model model;
  model.set_task(darkroom::v1::MODEL_TASK_INSTRUCTION);
  EXPECT_THAT(InfoJson({{"pix2pix", model}}), HasSubstr(R"("functions":["image2image",)"));
}

}  // namespace
}  // namespace darkroom::server::dezgo
