#include <gmock/gmock.h>

#include "common/rgb_image.h"
#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"
#include "server/testing/demo_adapters.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/image/png_encoder.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PromptMethodsTest : public GatewayTest {
 protected:
  void SetUp() override {
    styles_ = {{"oil", "oil, {prompt}", "photo"}, {"framed", "a frame", ""}};
    StartGateway(3);
  }

  // A worker that has published its adapters and its tokenizer: one token a letter, the last of a
  // word another one.
  void PublishTokenizer() {
    const std::string bytes = tokenizer::ClipTokenizer::ByteLevel(514).Serialise();
    v1::Model model = DemoModel();
    model.add_samplers("Heun");
    model.set_tokenizer_digest(Sha256Hex(bytes));
    scheduler_.PutDocument(model.tokenizer_digest(), bytes, [](const absl::Status&) {});
    const std::string adapters = DemoAdapterList();
    model.set_adapters_digest(Sha256Hex(adapters));
    scheduler_.PutDocument(model.adapters_digest(), adapters, [](const absl::Status&) {});
    worker_.Announce(model);
    // The gateway reads the registry when it is asked for models.
    v1::ListModelsResponse models;
    ASSERT_TRUE(models_->ListModels(Context().get(), {}, &models).ok());
  }

  grpc::Status Explain(const v1::ImageParameters& parameters, v1::ExplainPromptResponse& response) {
    v1::ExplainPromptRequest request;
    *request.mutable_parameters() = parameters;
    return prompts_->ExplainPrompt(Context().get(), request, &response);
  }
  grpc::Status ReadText(const std::string& infotext, v1::ReadInfotextResponse& response) {
    v1::ReadInfotextRequest request;
    request.set_infotext(infotext);
    return prompts_->ReadInfotext(Context().get(), request, &response);
  }
  grpc::Status ReadPng(const std::string& png, v1::ReadInfotextResponse& response) {
    v1::ReadInfotextRequest request;
    request.set_png(png);
    return prompts_->ReadInfotext(Context().get(), request, &response);
  }
};

TEST_F(PromptMethodsTest, ExplanationShowsWhatTheModelReads) {
  PublishTokenizer();
  v1::ImageParameters parameters;
  parameters.set_prompt("[a:(b:1.5):2] AND c:0.5 <lora:detail:0.7:te=1>");
  parameters.set_negative_prompt("bad AND worse");
  parameters.set_sampler("k_heun");
  parameters.set_steps(3);
  parameters.mutable_hires_fix()->set_steps(9);
  v1::ExplainPromptResponse response;
  const grpc::Status status = Explain(parameters, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.denoiser_calls(), 6) << "two a step";
  EXPECT_EQ(response.parameters().sampler(), "Heun");
  EXPECT_EQ(response.parameters().seed(), 42);

  ASSERT_THAT(response.prompt().parts(), SizeIs(2));
  const v1::PromptPart& edited = response.prompt().parts(0);
  ASSERT_THAT(edited.entries(), SizeIs(2));
  EXPECT_EQ(edited.entries(0).end_call(), 3);
  EXPECT_EQ(edited.entries(1).first_call(), 3);
  EXPECT_EQ(edited.entries(1).end_call(), 6);
  const v1::PromptText& text = edited.texts(edited.entries(1).text_index());
  ASSERT_THAT(text.chunks(), SizeIs(1));
  ASSERT_THAT(text.chunks(0).tokens(), SizeIs(1));
  EXPECT_EQ(text.chunks(0).tokens(0).text(), "b ");
  EXPECT_EQ(text.chunks(0).tokens(0).weight(), 1.5);
  EXPECT_EQ(text.chunks(0).tokens(0).id(), 256 + 'b');
  EXPECT_EQ(response.prompt().parts(1).weight(), 0.5);
  ASSERT_THAT(response.prompt().extra_networks(), SizeIs(1));
  EXPECT_THAT(response.prompt().extra_networks(0).arguments(), ElementsAre("detail", "0.7"));
  EXPECT_EQ(response.prompt().extra_networks(0).named_arguments(0).value(), "1");
  EXPECT_THAT(response.negative_prompt().warnings(), SizeIs(1)) << "AND is a word there";
}

TEST_F(PromptMethodsTest, ExplanationShowsTheVectorsOfTheModelsEmbeddings) {
  PublishTokenizer();
  v1::ImageParameters parameters;
  parameters.set_prompt("a (Bad:1.2) xl_hands");
  v1::ExplainPromptResponse response;
  const grpc::Status status = Explain(parameters, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::PromptText& text = response.prompt().parts(0).texts(0);
  ASSERT_THAT(text.chunks(), SizeIs(1));
  const auto& tokens = text.chunks(0).tokens();
  ASSERT_THAT(tokens, SizeIs(1 + 3 + 8)) << "one for SDXL is a word here, of eight letters";
  for (const int vector : {1, 2, 3}) {
    EXPECT_EQ(tokens[vector].embedding(), "bad");
    EXPECT_EQ(tokens[vector].text(), "");
    EXPECT_FLOAT_EQ(tokens[vector].weight(), 1.2f);
  }
  EXPECT_EQ(tokens[4].embedding(), "");
  EXPECT_THAT(response.prompt().warnings(),
              ElementsAre(HasSubstr("\"xl_hands\" names an embedding for SDXL")));
}

TEST_F(PromptMethodsTest, ExplanationAppliesStylesAndKnowsTheEmphasis) {
  PublishTokenizer();
  v1::ImageParameters parameters;
  parameters.set_prompt("(a)");
  parameters.add_styles("oil");
  parameters.set_emphasis(v1::EMPHASIS_NONE);
  v1::ExplainPromptResponse response;
  ASSERT_TRUE(Explain(parameters, response).ok());
  EXPECT_EQ(response.parameters().prompt(), "oil, (a)");
  EXPECT_EQ(response.parameters().negative_prompt(), "photo");
  EXPECT_THAT(response.prompt().parts(0).texts(0).chunks(0).tokens(), SizeIs(7))
      << "o i l , ( a ) without weights";
}

TEST_F(PromptMethodsTest, ExplanationChecksParametersLikeARequest) {
  PublishTokenizer();
  v1::ImageParameters parameters;
  parameters.add_styles("oli");
  parameters.set_steps(0);
  v1::ExplainPromptResponse response;
  const grpc::Status status = Explain(parameters, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("parameters.steps", "parameters.styles"));
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"oil\"?"));
}

TEST_F(PromptMethodsTest, ExplanationWaitsForATokenizer) {
  v1::ExplainPromptResponse response;
  const grpc::Status status = Explain({}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NO_TOKENIZER");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST_F(PromptMethodsTest, TextOfAPictureIsReadFromItsPng) {
  const std::string text = "a cat\nSteps: 5, Sampler: Euler a, Seed: 7, Model: demo, Mood: sad";
  v1::ReadInfotextResponse from_text;
  ASSERT_TRUE(ReadText(text, from_text).ok());
  EXPECT_EQ(from_text.infotext(), text);
  EXPECT_EQ(from_text.parameters().sampler(), "Euler a");
  EXPECT_EQ(from_text.parameters().model(), "models/demo");
  EXPECT_THAT(from_text.notes(), ElementsAre("Mood: sad is not known here."));
  const RgbImage picture = {.width = 1, .height = 1, .pixels = {1, 2, 3}};
  v1::ReadInfotextResponse from_png;
  const grpc::Status status = ReadPng(*worker::EncodePng(picture, text), from_png);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(from_png.SerializeAsString(), from_text.SerializeAsString());
}

TEST_F(PromptMethodsTest, WhatHoldsNoTextIsABadFieldWithTheWayOut) {
  v1::ReadInfotextResponse response;
  const grpc::Status nothing = prompts_->ReadInfotext(Context().get(), {}, &response);
  EXPECT_THAT(BadFieldsOf(nothing), ElementsAre("infotext"));
  EXPECT_THAT(nothing.error_message(), HasSubstr("or a PNG file as png"));
  const grpc::Status no_png = ReadPng("GIF89a", response);
  EXPECT_THAT(BadFieldsOf(no_png), ElementsAre("png"));
  EXPECT_THAT(no_png.error_message(), HasSubstr("send a whole PNG file"));
}

TEST_F(PromptMethodsTest, SourcesOfTextAreLimited) {
  v1::ReadInfotextResponse response;
  EXPECT_TRUE(ReadText(std::string(65'536, 'a'), response).ok());
  EXPECT_THAT(BadFieldsOf(ReadText(std::string(65'537, 'a'), response)), ElementsAre("infotext"));
  const grpc::Status status = ReadPng(std::string((3 << 20) + 1, 'a'), response);
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("png"));
  EXPECT_THAT(status.error_message(), HasSubstr("at most 3145728"));
  const RgbImage picture = {.width = 1, .height = 1, .pixels = {1, 2, 3}};
  EXPECT_THAT(BadFieldsOf(ReadPng(*worker::EncodePng(picture, std::string(65'537, 'a')), response)),
              ElementsAre("png"));
}

TEST_F(PromptMethodsTest, StylesAreListedInTheOrderOfTheFile) {
  v1::ListStylesResponse response;
  ASSERT_TRUE(prompts_->ListStyles(Context().get(), {}, &response).ok());
  ASSERT_THAT(response.styles(), SizeIs(2));
  EXPECT_EQ(response.styles(0).name(), "oil");
  EXPECT_EQ(response.styles(0).prompt(), "oil, {prompt}");
  EXPECT_EQ(response.styles(0).negative_prompt(), "photo");
  EXPECT_EQ(response.styles(1).name(), "framed");
}

TEST_F(PromptMethodsTest, JobKeepsItsPromptsWithStylesApplied) {
  v1::CreateJobRequest request;
  request.mutable_parameters()->set_prompt("a cat # draft");
  request.mutable_parameters()->add_styles("oil");
  v1::Job job;
  ASSERT_TRUE(Create(request, job).ok());
  EXPECT_EQ(job.parameters().prompt(), "oil, a cat");
  EXPECT_THAT(job.parameters().styles(), IsEmpty());
}

TEST_F(PromptMethodsTest, CallersAreAuthenticated) {
  v1::ListStylesResponse response;
  EXPECT_EQ(prompts_->ListStyles(Context("mallory-key").get(), {}, &response).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace darkroom::server
