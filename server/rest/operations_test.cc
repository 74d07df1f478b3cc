#include <gmock/gmock.h>

#include "scheduler/core/refusal.h"
#include "server/rest/rest_fixture.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::Job;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class OperationsTest : public RestTest {
 protected:
  // The message in an answer that has more members than those of the message.
  template <typename Message>
  static Message ReadAmongMore(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    Message message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &message, options).ok());
    return message;
  }
};

TEST_F(OperationsTest, CreatesReadsListsAndCancelsAJob) {
  const Job made =
      Read<Job>(Post("/v1/jobs", R"({"parameters":{"prompt":"a red apple","guidanceScale":7.5,
                          "image_count":2,"seed":"4294967290"},"requestId":"mine"})"));
  EXPECT_EQ(made.state(), darkroom::v1::JOB_STATE_QUEUED);
  EXPECT_EQ(made.parameters().seed(), 4294967290);
  EXPECT_EQ(made.parameters().image_count(), 2);
  const Job again =
      Read<Job>(Post("/v1/jobs", R"({"parameters":{"prompt":"a red apple","guidanceScale":7.5,
                          "imageCount":2,"seed":4294967290},"request_id":"mine"})"));
  EXPECT_EQ(again.name(), made.name()) << "by its request_id";
  EXPECT_EQ(Read<Job>(Get(Path(made.name()))).name(), made.name());
  const auto list = Read<darkroom::v1::ListJobsResponse>(Get("/v1/jobs?pageSize=5"));
  ASSERT_EQ(list.jobs_size(), 1);
  EXPECT_EQ(list.jobs(0).name(), made.name());
  EXPECT_EQ(Read<Job>(Post(Path(made.name()) + ":cancel", "")).state(),
            darkroom::v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(StateOf(made.name()), darkroom::v1::JOB_STATE_CANCELLED) << "over gRPC, too";
}

TEST_F(OperationsTest, TellsCallersWhoTheyAreAndStrangersNothing) {
  using darkroom::v1::Account;
  const auto ops = Read<Account>(Get("/v1/account", kAdminKey));
  EXPECT_EQ(ops.tenant(), "ops");
  EXPECT_THAT(ops.scopes(), ::testing::ElementsAre(darkroom::v1::KEY_SCOPE_ADMIN));
  EXPECT_EQ(Get("/v1/account", "no such key").status, 401);
  const auto guest = Read<Account>(Get("/v1/account"));
  EXPECT_THAT(guest.tenant(), HasSubstr("anonymous"));
  authenticator_ = std::make_unique<BearerAuthenticator>(
      std::vector<std::shared_ptr<const KeySource>>{stored_keys_}, std::nullopt);
  StartHttp();
  EXPECT_EQ(Get("/v1/account").status, 200);
  EXPECT_EQ(Read<Account>(Get("/v1/account")).tenant(), "");
  EXPECT_EQ(Get("/v1/models").status, 401);
}

TEST_F(OperationsTest, PagesFollowOneAnother) {
  for (int i = 0; i < 3; ++i) Read<Job>(Post("/v1/jobs", kAppleJson));
  const auto first = Read<darkroom::v1::ListJobsResponse>(Get("/v1/jobs?page_size=2"));
  EXPECT_EQ(first.jobs_size(), 2);
  const auto second = Read<darkroom::v1::ListJobsResponse>(
      Get(absl::StrCat("/v1/jobs?page_size=2&page_token=", first.next_page_token())));
  EXPECT_EQ(second.jobs_size(), 1);
}

TEST_F(OperationsTest, ADryRunMakesNoJob) {
  const Job foreseen =
      Read<Job>(Post("/v1/jobs", R"({"parameters":{"prompt":"x"},"validateOnly":true})"));
  EXPECT_EQ(foreseen.name(), "");
  EXPECT_EQ(foreseen.parameters().seed(), 42);
  EXPECT_EQ(Read<darkroom::v1::ListJobsResponse>(Get("/v1/jobs")).jobs_size(), 0);
}

TEST_F(OperationsTest, TellsModelsUpscalersAndStyles) {
  const auto models = ReadAmongMore<darkroom::v1::ListModelsResponse>(Get("/v1/models"));
  ASSERT_EQ(models.models_size(), 1);
  EXPECT_EQ(ReadAmongMore<darkroom::v1::Model>(Get(Path(models.models(0).name()))).name(),
            "models/demo");
  EXPECT_GT(Read<darkroom::v1::ListUpscalersResponse>(Get("/v1/upscalers")).upscalers_size(), 1);
  EXPECT_GT(
      Read<darkroom::v1::ListUpscalersResponse>(Get("/v1/models/demo/upscalers")).upscalers_size(),
      1);
  EXPECT_EQ(Read<darkroom::v1::ListAdaptersResponse>(Get("/v1/adapters")).adapters_size(), 0);
  EXPECT_EQ(Get("/v1/models/demo/adapters").status, 200);
  EXPECT_EQ(Read<darkroom::v1::ListStylesResponse>(Get("/v1/styles")).styles_size(), 0);
  const HttpAnswer unknown = Get("/v1/models/none");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("MODEL_NOT_FOUND"));
}

TEST_F(OperationsTest, ModelsAreToldAsOpenAiTellsThemToo) {
  constexpr char kDemo[] = R"({"id":"demo","object":"model","created":0,"owned_by":"darkroom")";
  EXPECT_THAT(Get("/v1/models").body,
              StartsWith(absl::StrCat(R"({"object":"list","data":[)", kDemo, R"(}],"models":[{)")));
  EXPECT_THAT(Get("/v1/models/demo").body,
              StartsWith(absl::StrCat(kDemo, R"(,"name":"models/demo")")));
}

TEST_F(OperationsTest, ReadsInfotexts) {
  const auto read = Read<darkroom::v1::ReadInfotextResponse>(
      Post("/v1/infotexts:read", R"({"infotext":"a pear\nSteps: 12, Sampler: Euler a, Seed: 7"})"));
  EXPECT_EQ(read.parameters().prompt(), "a pear");
  EXPECT_EQ(read.parameters().steps(), 12);
}

TEST_F(OperationsTest, WhatIsExplainedIsChecked) {
  const HttpAnswer answer =
      Post("/v1/prompts:explain", R"({"parameters":{"prompt":"x","steps":1000}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("\"field\":\"parameters.steps\""));
}

TEST_F(OperationsTest, BadFieldsAreNamed) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"parameters":{"stepz":20}})", "parameters.stepz"},
      {R"({"prompt":"x"})", "prompt"},
      {R"({"parameters":{"width":"wide"}})", "parameters.width"},
      {R"({"parameters":{"imageCount":0}})", "parameters.image_count"}};
  for (const auto& [json, field] : wrong) {
    const HttpAnswer answer = Post("/v1/jobs", json);
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr(absl::StrCat("\"field\":\"", field, "\""))) << json;
  }
  EXPECT_THAT(Get("/v1/jobs?page=2").body, HasSubstr("page is not a field"));
  EXPECT_THAT(Get("/v1/jobs?page_size=many").body, HasSubstr("page_size is not a whole number"));
  EXPECT_THAT(Get("/v1/jobs?page_size=-1").body, HasSubstr("must not be negative"));
  EXPECT_EQ(Get("/v1/jobs?page_token=%zz").status, 400);
}

TEST_F(OperationsTest, OnlyJsonIsReadAsJson) {
  EXPECT_EQ(Ask(absl::StrCat(Head("POST", "/v1/jobs"), "Content-Type: text/plain\r\n",
                             "Content-Length: 2\r\n\r\n{}"))
                .status,
            415);
  EXPECT_EQ(Ask(absl::StrCat(Head("POST", "/v1/jobs"),
                             "Content-Type: Application/JSON; charset=utf-8\r\n",
                             "Content-Length: 2\r\n\r\n{}"))
                .status,
            200);
  for (const char* broken : {"{", "[]", "null", "{\"requestId\":\"\xff\"}"}) {
    const HttpAnswer answer = Post("/v1/jobs", broken);
    EXPECT_EQ(answer.status, 400) << broken;
    EXPECT_THAT(answer.body, HasSubstr("MALFORMED_REQUEST"));
  }
}

TEST_F(OperationsTest, RefusalsSayWhenToComeBack) {
  store_.Refuse({scheduler::RefusalCause::kTenantQueueFull, absl::Milliseconds(1500)});
  const HttpAnswer full = Post("/v1/jobs", kAppleJson);
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(full.Header("retry-after"), "2");
  EXPECT_THAT(full.body, HasSubstr("\"retryDelay\":\"1.500s\""));
}

TEST_F(OperationsTest, WithoutItsStoreTheGatewaySaysSo) {
  store_.Become(FlakyStore::Mode::kRefuses);
  const HttpAnswer answer = Get("/v1/jobs");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("STORE_UNAVAILABLE"));
  EXPECT_NE(answer.Header("retry-after"), "");
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_TRUE(Eventually([this] { return Get("/healthz").status == 503; }));
}

}  // namespace
}  // namespace darkroom::server::rest
