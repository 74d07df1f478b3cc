#include "server/openai/openai_api.h"

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "server/rest/rest_fixture.h"
#include "server/testing/eventually.h"

namespace darkroom::server::openai {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGenerations[] = "/v1/images/generations";
// As far as the gateway looks at it, a PNG of 128 x 128 pixels.
const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x80\0\0\0\x80\x08\x02\0\0\0", 29);

// The gateway of RestTest with OpenAI's interface beside our own.
class OpenAiApiTest : public rest::RestTest {
 protected:
  void AddRoutes(http::Router& router) override {
    RestTest::AddRoutes(router);
    AddOpenAiApi(router, loop_, gateway_->services(), *ModelAliases::Parse({"gpt-image-*"}));
  }

  // Sends a request whose answer comes later.
  std::unique_ptr<HttpClient> Send(absl::string_view json, absl::string_view more_headers = "") {
    auto client = std::make_unique<HttpClient>(http_->port());
    client->Send(WithJson(absl::StrCat(Head("POST", kGenerations), more_headers), json));
    return client;
  }
  // The job of a request, once a worker has it.
  void Work() {
    ASSERT_TRUE(Eventually([this] { return worker_.Lease(); }));
  }
  darkroom::v1::ImageParameters Asked() {
    darkroom::v1::ListJobsResponse jobs;
    EXPECT_TRUE(
        generation_->ListJobs(Context().get(), darkroom::v1::ListJobsRequest(), &jobs).ok());
    EXPECT_EQ(jobs.jobs_size(), 1);
    return jobs.jobs_size() == 0 ? darkroom::v1::ImageParameters() : jobs.jobs(0).parameters();
  }
};

TEST_F(OpenAiApiTest, PicturesAreAnsweredInOneObject) {
  const auto client = Send(R"({"prompt":"a red apple","model":"gpt-image-1","n":2,)"
                           R"("size":"auto","quality":"low","response_format":"b64_json"})");
  Work();
  EXPECT_EQ(Asked().steps(), 10);
  worker_.Image(0, "first");
  worker_.Image(1, "second");
  worker_.Succeed(2);
  const HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_THAT(answer.body, StartsWith(R"({"created":1)"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"("background":"opaque","output_format":"png","quality":"low",)"
                        R"("size":"128x128","usage":{"input_tokens":0)"));
  EXPECT_THAT(answer.body, HasSubstr(absl::StrCat(
                               R"("data":[{"b64_json":")", absl::Base64Escape("first"),
                               R"("},{"b64_json":")", absl::Base64Escape("second"), R"("}]})")));
}

TEST_F(OpenAiApiTest, AStreamShowsPartialImagesAndThenThePictures) {
  const auto client = Send(R"({"prompt":"a red apple","stream":true,"partial_images":1})");
  EXPECT_EQ(client->ReadHead().Header("content-type"), "text/event-stream");
  Work();
  worker_.Preview(10, "rough");
  EXPECT_THAT(client->ReadEvent(),
              AllOf(StartsWith("event: image_generation.partial_image\ndata: {\"type\":"
                               "\"image_generation.partial_image\",\"partial_image_index\":0,"),
                    HasSubstr(R"("output_format":"jpeg","quality":"medium","size":"128x128")"),
                    HasSubstr(absl::StrCat("\"b64_json\":\"", absl::Base64Escape("rough"), "\""))));
  worker_.Preview(20, "one too many");
  worker_.Image(0, "done");
  worker_.Succeed();
  EXPECT_THAT(client->ReadEvent(),
              AllOf(StartsWith("event: image_generation.completed\ndata: {\"type\":"
                               "\"image_generation.completed\",\"created_at\":1"),
                    HasSubstr(R"("output_format":"png")"), HasSubstr(R"("total_tokens":0)"),
                    HasSubstr(absl::StrCat("\"b64_json\":\"", absl::Base64Escape("done"), "\""))));
  EXPECT_EQ(client->ReadEvent(), "");
}

TEST_F(OpenAiApiTest, AStreamWhoseJobFailsEndsWithAnError) {
  const auto client = Send(R"({"prompt":"a red apple","stream":true})");
  EXPECT_EQ(client->ReadHead().status, 200);
  Work();
  worker_.Finish(scheduler::Failed{{"OUT_OF_MEMORY", "too large"}});
  EXPECT_THAT(client->ReadEvent(), AllOf(StartsWith(R"(event: error
data: {"error":{"message":"too large")"),
                                         HasSubstr(R"("code":"out_of_memory")")));
  EXPECT_EQ(client->ReadEvent(), "");
}

TEST_F(OpenAiApiTest, EditsAndVariationsTakeForms) {
  HttpClient client(http_->port());
  const std::string body = absl::StrCat(
      "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na hat\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\n"
      "Content-Type: image/png\r\n\r\n",
      kPng, "\r\n--b--\r\n");
  client.Send(absl::StrCat(Head("POST", "/v1/images/edits"),
                           "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ",
                           body.size(), "\r\n\r\n", body));
  Work();
  EXPECT_EQ(Asked().prompt(), "a hat");
  EXPECT_EQ(Asked().init_image().strength(), 0.75);
  EXPECT_THAT(Asked().init_image().name(), StartsWith("inputs/"));
  worker_.Image(0, "edited");
  worker_.Succeed();
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(OpenAiApiTest, ErrorsHaveOpenAisShapeWhereverTheyComeFrom) {
  const HttpAnswer size = Post(kGenerations, R"({"prompt":"x","size":"99x99"})");
  EXPECT_EQ(size.status, 400);
  EXPECT_THAT(size.body, AllOf(HasSubstr(R"("param":"size")"),
                               HasSubstr(R"("type":"invalid_request_error")")));
  EXPECT_EQ(size.Header("x-should-retry"), "false");
  const HttpAnswer model = Post(kGenerations, R"({"prompt":"x","model":"nobody-has-it"})");
  EXPECT_THAT(model.body, HasSubstr(R"("param":"model")"));
  EXPECT_THAT(Post(kGenerations, "{").body, HasSubstr(R"("code":"malformed_request")"));
  EXPECT_THAT(Post(kGenerations, R"({"prompt":"x"})", "no such key").body,
              HasSubstr(R"("code":"invalid_api_key")"));
  EXPECT_THAT(Get(kGenerations).body, HasSubstr(R"("code":"method_not_allowed")"));
}

TEST_F(OpenAiApiTest, ARequestThatIsRefusedForNowMayComeAgain) {
  for (int i = 0; i < 3; ++i) Create();
  const HttpAnswer full = Post(kGenerations, R"({"prompt":"x"})");
  EXPECT_EQ(full.status, 429);
  EXPECT_THAT(full.body, HasSubstr(R"("code":"queue_full")"));
  EXPECT_EQ(full.Header("x-should-retry"), "true");
  EXPECT_NE(full.Header("retry-after"), "");
  EXPECT_NE(full.Header("retry-after-ms"), "");
}

TEST_F(OpenAiApiTest, AJobThatFailedIsNotToBeRepeated) {
  const auto client = Send(R"({"prompt":"a red apple"})");
  Work();
  worker_.Finish(scheduler::Failed{{"OUT_OF_MEMORY", "too large"}});
  const HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("x-should-retry"), "false");
}

TEST_F(OpenAiApiTest, ARepeatedIdempotencyKeyFindsTheSameJob) {
  const auto first = Send(R"({"prompt":"a red apple"})", "Idempotency-Key: mine\r\n");
  Work();
  const auto second = Send(R"({"prompt":"a red apple"})", "Idempotency-Key: mine\r\n");
  worker_.Image(0, "one");
  worker_.Succeed();
  const HttpAnswer answer = first->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(second->Read().body, answer.body);
  const HttpAnswer other =
      Ask(WithJson(absl::StrCat(Head("POST", kGenerations), "Idempotency-Key: mine\r\n"),
                   R"({"prompt":"a pear"})"));
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.Header("x-should-retry"), "false");
}

TEST_F(OpenAiApiTest, AClientThatLeavesCancelsItsJob) {
  auto client = Send(R"({"prompt":"a red apple"})");
  Work();
  client = nullptr;
  EXPECT_TRUE(Eventually([this] { return worker_.CancelRequested(); }));
}

}  // namespace
}  // namespace darkroom::server::openai
