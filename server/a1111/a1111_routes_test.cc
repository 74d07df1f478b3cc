#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "scheduler/testing/in_memory_setting_store.h"
#include "server/a1111/a1111_api.h"
#include "server/grpc/gateway_fixture.h"
#include "server/http/json.h"
#include "server/http/listener.h"
#include "server/testing/http_client.h"

namespace darkroom::server::a1111 {
namespace {

using google::protobuf::Struct;
using testing::HasSubstr;

constexpr char kApple[] = R"({"prompt": "a red apple", "steps": 20, "url": "x", "auth": "secret"})";
// A PNG file of 64 x 64 pixels.
constexpr char kPicture[] =
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PMQ0AAAwDoEqv9ErYvQQckD4XAQEBAQ"
    "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAYHLAB8+AWnmfUycAAAAAElFTkSuQmCC";

class A1111Test : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    http::Router router;
    AddA1111Api(router, loop_, gateway_->services(), settings_);
    http::Listener::Options options;
    options.listen = "127.0.0.1:0";
    http_ = *http::Listener::Start(loop_, std::move(router), *authenticator_, std::move(options));
  }
  void TearDown() override { http_ = nullptr; }

  static std::string Request(absl::string_view method, absl::string_view path,
                             absl::string_view json, absl::string_view key) {
    const std::string authorization =
        key.empty() ? ""
                    : absl::StrCat("Authorization: Basic ",
                                   absl::Base64Escape(absl::StrCat("me:", key)), "\r\n");
    return absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: gateway\r\n", authorization,
                        "Content-Length: ", json.size(), "\r\n\r\n", json);
  }
  HttpAnswer Ask(absl::string_view method, absl::string_view path, absl::string_view json = "",
                 absl::string_view key = "") {
    HttpClient client(http_->port());
    client.Send(Request(method, path, json, key));
    return client.Read();
  }
  // A client that has asked, and is to read its answer.
  std::unique_ptr<HttpClient> Post(absl::string_view path, absl::string_view json,
                                   absl::string_view key = "") {
    auto client = std::make_unique<HttpClient>(http_->port());
    client->Send(Request("POST", path, json, key));
    return client;
  }
  void AwaitLease() {
    ASSERT_TRUE(Eventually([this] { return worker_.Lease(); }));
  }
  static Struct Object(const std::string& json) {
    Struct object;
    EXPECT_TRUE(http::FromJson(json, object).ok()) << json;
    return object;
  }
  static Struct Object(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Object(answer.body);
  }
  Struct State(absl::string_view key = "", absl::string_view query = "") {
    return Object(Ask("GET", absl::StrCat("/sdapi/v1/progress", query), "", key));
  }
  static int StepOf(const Struct& progress) {
    const Struct& state = progress.fields().at("state").struct_value();
    return static_cast<int>(state.fields().at("sampling_step").number_value());
  }

  scheduler::InMemorySettingStore settings_{&Clock::System()};
  std::unique_ptr<http::Listener> http_;
};

TEST_F(A1111Test, AClientGetsItsPicturesAndTheirInfoInOneAnswer) {
  const auto client =
      Post("/sdapi/v1/txt2img", R"({"prompt": "a red apple", "batch_size": 2, "auth": "secret",
                                    "restore_faces": true})");
  AwaitLease();
  worker_.Image(0, "first");
  worker_.Image(1, "second");
  worker_.Succeed(2);
  const HttpAnswer raw = client->Read();
  EXPECT_THAT(raw.body, testing::Not(HasSubstr("secret")));
  const Struct answer = Object(raw);
  const auto& images = answer.fields().at("images").list_value();
  ASSERT_EQ(images.values_size(), 2);
  EXPECT_EQ(images.values(0).string_value(), absl::Base64Escape("first"));
  EXPECT_EQ(images.values(1).string_value(), absl::Base64Escape("second"));
  EXPECT_EQ(answer.fields().at("parameters").struct_value().fields().at("prompt").string_value(),
            "a red apple");
  const Struct info = Object(answer.fields().at("info").string_value());
  EXPECT_EQ(info.fields().at("prompt").string_value(), "a red apple");
  EXPECT_EQ(info.fields().at("infotexts").list_value().values_size(), 2);
  EXPECT_EQ(info.fields().at("all_seeds").list_value().values_size(), 2);
  EXPECT_EQ(info.fields().at("sampler_name").string_value(), "DPM++ 2M");
  EXPECT_THAT(info.fields().at("darkroom").ShortDebugString(), HasSubstr("restore_faces"));
}

TEST_F(A1111Test, WhatIsWrongIsNamedAsTheClientNamesIt) {
  const HttpAnswer answer =
      Ask("POST", "/sdapi/v1/txt2img", R"({"sampler_name": "Nobody", "cfg_scale": 99})");
  EXPECT_EQ(answer.status, 422);
  const Struct error = Object(answer.body);
  for (const char* key : {"error", "detail", "body", "errors"}) {
    EXPECT_EQ(error.fields().count(key), 1u) << key;
  }
  EXPECT_THAT(error.fields().at("detail").string_value(), HasSubstr("sampler_name"));
  EXPECT_THAT(error.fields().at("detail").string_value(), HasSubstr("cfg_scale"));
}

TEST_F(A1111Test, OtherErrorsHaveTheShapeToo) {
  for (const auto& [method, path, status] :
       {std::tuple("GET", "/sdapi/v1/nothing", 404), std::tuple("GET", "/sdapi/v1/txt2img", 405),
        std::tuple("POST", "/sdapi/v1/interrogate", 501)}) {
    const HttpAnswer answer = Ask(method, path);
    EXPECT_EQ(answer.status, status) << path;
    EXPECT_EQ(Object(answer.body).fields().count("detail"), 1u) << path;
  }
  EXPECT_EQ(Ask("POST", "/sdapi/v1/txt2img", "[1]").status, 422);
  EXPECT_EQ(Ask("POST", "/sdapi/v1/txt2img", kApple, "wrong").status, 401);
}

TEST_F(A1111Test, AClientThatLeavesHasItsJobCancelled) {
  auto client = Post("/sdapi/v1/txt2img", kApple);
  AwaitLease();
  client = nullptr;
  EXPECT_TRUE(Eventually([this] { return worker_.CancelRequested(); }));
}

TEST_F(A1111Test, ProgressIsThatOfTheCallersNewestJob) {
  EXPECT_EQ(State().fields().at("progress").number_value(), 0);
  const auto client =
      Post("/sdapi/v1/txt2img", R"({"prompt": "x", "force_task_id": "mine"})", kAliceKey);
  AwaitLease();
  worker_.Progress(5);
  worker_.Preview(5, "jpeg");
  ASSERT_TRUE(Eventually([this] {
    return State(kAliceKey).fields().at("current_image").string_value() ==
           absl::Base64Escape("jpeg");
  }));
  const Struct progress = State(kAliceKey);
  EXPECT_EQ(progress.fields().at("progress").number_value(), 0.25);
  EXPECT_EQ(StepOf(progress), 5);
  EXPECT_EQ(StepOf(State(kAliceKey, "?force_task_id=mine")), 5);
  EXPECT_EQ(StepOf(State(kAliceKey, "?force_task_id=other")), 0);
  EXPECT_TRUE(
      State(kAliceKey, "?skip_current_image=true").fields().at("current_image").has_null_value());
  EXPECT_EQ(StepOf(State(kBobKey)), 0);
  worker_.Image(0, "png");
  worker_.Succeed();
  EXPECT_EQ(client->Read().status, 200);
  EXPECT_TRUE(
      Eventually([this] { return State(kAliceKey).fields().at("progress").number_value() == 0; }));
}

TEST_F(A1111Test, AnInterruptedClientGetsWhatHasBeenMade) {
  const auto client = Post("/sdapi/v1/txt2img", R"({"batch_size": 2})", kAliceKey);
  AwaitLease();
  worker_.Image(0, "first");
  worker_.Progress(5);
  ASSERT_TRUE(Eventually([this] { return StepOf(State(kAliceKey)) == 5; }));
  EXPECT_EQ(Ask("POST", "/sdapi/v1/interrupt", "", kBobKey).body, "{}");
  EXPECT_FALSE(worker_.CancelRequested());
  EXPECT_EQ(Ask("POST", "/sdapi/v1/interrupt", "", kAliceKey).body, "{}");
  ASSERT_TRUE(worker_.CancelRequested());
  worker_.Finish(scheduler::Cancelled{});
  const Struct answer = Object(client->Read());
  EXPECT_EQ(answer.fields().at("images").list_value().values_size(), 1);
}

TEST_F(A1111Test, WhoIsInterruptedBeforeAnyPictureIsToldSo) {
  const auto client = Post("/sdapi/v1/txt2img", kApple);
  AwaitLease();
  worker_.Progress(1);
  ASSERT_TRUE(Eventually([this] { return StepOf(State()) == 1; }));
  EXPECT_EQ(Ask("POST", "/sdapi/v1/skip").status, 200);
  worker_.Finish(scheduler::Cancelled{});
  const HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 499);
  EXPECT_THAT(answer.body, HasSubstr("cancelled"));
}

TEST_F(A1111Test, EachKeyHasItsOwnOptions) {
  const Struct all = Object(Ask("GET", "/sdapi/v1/options", "", kAliceKey));
  EXPECT_EQ(all.fields().at("sd_model_checkpoint").string_value(), "demo");
  // As Open WebUI does it.
  Struct sent = all;
  (*sent.mutable_fields())["CLIP_stop_at_last_layers"].set_number_value(2);
  const HttpAnswer set = Ask("POST", "/sdapi/v1/options", http::ToJson(sent), kAliceKey);
  EXPECT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.body, "null");
  const auto clip_skip = [this](absl::string_view key) {
    return Object(Ask("GET", "/sdapi/v1/options", "", key))
        .fields()
        .at("CLIP_stop_at_last_layers")
        .number_value();
  };
  EXPECT_EQ(clip_skip(kAliceKey), 2);
  EXPECT_EQ(clip_skip(kBobKey), 1);

  const auto client = Post("/sdapi/v1/txt2img", kApple, kAliceKey);
  AwaitLease();
  worker_.Image(0, "png");
  worker_.Succeed();
  EXPECT_EQ(Object(Object(client->Read()).fields().at("info").string_value())
                .fields()
                .at("clip_skip")
                .number_value(),
            2);
}

TEST_F(A1111Test, AModelThatThereIsNotCannotBeSet) {
  const HttpAnswer answer =
      Ask("POST", "/sdapi/v1/options", R"({"sd_model_checkpoint": "unheard-of"})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("demo"));
}

TEST_F(A1111Test, AllListsAreThere) {
  for (const char* path : {"samplers", "schedulers", "sd-models", "sd-vae", "upscalers",
                           "latent-upscale-modes", "loras", "hypernetworks", "face-restorers",
                           "realesrgan-models", "prompt-styles", "script-info", "extensions"}) {
    const HttpAnswer answer = Ask("GET", absl::StrCat("/sdapi/v1/", path));
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body.substr(0, 1), "[") << path;
  }
  for (const char* path :
       {"/sdapi/v1/embeddings", "/sdapi/v1/cmd-flags", "/sdapi/v1/memory", "/sdapi/v1/scripts",
        "/config", "/internal/ping", "/controlnet/model_list", "/controlnet/version"}) {
    Object(Ask("GET", path));
  }
  EXPECT_THAT(Ask("GET", "/sdapi/v1/samplers").body, HasSubstr("k_dpmpp_2m"));
  EXPECT_THAT(Ask("GET", "/sdapi/v1/schedulers").body, HasSubstr("\"karras\""));
  EXPECT_EQ(Ask("POST", "/sdapi/v1/refresh-checkpoints").body, "null");
}

TEST_F(A1111Test, APictureIsMadeLargerInOneCall) {
  const auto client = Post("/sdapi/v1/extra-single-image",
                           absl::StrCat(R"({"upscaling_resize": 2, "image": ")", kPicture, "\"}"));
  AwaitLease();
  worker_.Image(0, "larger");
  worker_.Succeed();
  EXPECT_EQ(Object(client->Read()).fields().at("image").string_value(),
            absl::Base64Escape("larger"));
}

TEST_F(A1111Test, PicturesOfABatchAreMadeLargerOneAfterTheOther) {
  const std::string picture = absl::StrCat(R"({"name": "x", "data": ")", kPicture, "\"}");
  const auto client = Post("/sdapi/v1/extra-batch-images",
                           absl::StrCat(R"({"imageList": [)", picture, ",", picture, "]}"));
  for (const char* made : {"first", "second"}) {
    AwaitLease();
    worker_.Image(0, made);
    worker_.Succeed();
  }
  const auto images = Object(client->Read()).fields().at("images").list_value();
  ASSERT_EQ(images.values_size(), 2);
  EXPECT_EQ(images.values(1).string_value(), absl::Base64Escape("second"));
}

TEST_F(A1111Test, APictureWithoutParametersHasNoInfo) {
  const Struct answer =
      Object(Ask("POST", "/sdapi/v1/png-info", absl::StrCat(R"({"image": ")", kPicture, "\"}")));
  EXPECT_EQ(answer.fields().at("info").string_value(), "");
  EXPECT_EQ(answer.fields().at("items").struct_value().fields_size(), 0);
}

}  // namespace
}  // namespace darkroom::server::a1111
