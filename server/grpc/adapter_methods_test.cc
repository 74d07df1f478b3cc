#include <gmock/gmock.h>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"
#include "server/testing/demo_adapters.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AdapterMethodsTest : public GatewayTest {
 protected:
  // A worker that has published this list; the gateway reads the registry when it is asked.
  void Publish(const std::string& list) {
    v1::Model model = DemoModel();
    model.set_adapters_digest(Sha256Hex(list));
    scheduler_.PutDocument(model.adapters_digest(), list, [](const absl::Status&) {});
    worker_.Announce(model);
    v1::ListModelsResponse models;
    ASSERT_TRUE(models_->ListModels(Context().get(), {}, &models).ok());
  }

  grpc::Status List(const v1::ListAdaptersRequest& request, v1::ListAdaptersResponse& response) {
    return models_->ListAdapters(Context().get(), request, &response);
  }
  static std::vector<std::string> Names(const v1::ListAdaptersResponse& response) {
    std::vector<std::string> names;
    for (const v1::Adapter& adapter : response.adapters()) names.push_back(adapter.name());
    return names;
  }

  grpc::Status CreateWith(const std::string& prompt) {
    v1::CreateJobRequest request;
    request.mutable_parameters()->set_prompt(prompt);
    v1::Job job;
    return Create(request, job);
  }
};

TEST_F(AdapterMethodsTest, ThoseThatFitTheModelAreListed) {
  Publish(DemoAdapterList());
  v1::ListAdaptersRequest request;
  request.set_parent("models/demo");
  v1::ListAdaptersResponse response;
  const grpc::Status status = List(request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(Names(response), ElementsAre("detail", "untold", "bad"));
  EXPECT_THAT(response.adapters(0).trigger_words(), ElementsAre("finely drawn"));
  EXPECT_EQ(response.adapters(2).vectors(), 3);
  EXPECT_EQ(response.next_page_token(), "");
  v1::ListAdaptersResponse of_default;
  ASSERT_TRUE(List({}, of_default).ok());
  EXPECT_EQ(of_default.SerializeAsString(), response.SerializeAsString());
}

TEST_F(AdapterMethodsTest, PagesFollowEachOther) {
  Publish(DemoAdapterList());
  v1::ListAdaptersRequest request;
  request.set_page_size(1);
  std::vector<std::string> names;
  do {
    v1::ListAdaptersResponse page;
    ASSERT_TRUE(List(request, page).ok());
    ASSERT_EQ(page.adapters_size(), 1);
    names.push_back(page.adapters(0).name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("detail", "untold", "bad"));
}

TEST_F(AdapterMethodsTest, AModelWithoutAListHasNone) {
  v1::ListAdaptersResponse response;
  ASSERT_TRUE(List({}, response).ok());
  EXPECT_THAT(response.adapters(), IsEmpty());
}

TEST_F(AdapterMethodsTest, UpscalersWithoutANetworkAreListedBeforeThoseThatAreFiles) {
  Publish(DemoAdapterList());
  v1::ListUpscalersResponse response;
  ASSERT_TRUE(models_->ListUpscalers(Context().get(), {}, &response).ok());
  ASSERT_EQ(response.upscalers_size(), 10);
  EXPECT_EQ(response.upscalers(0).name(), "Latent");
  EXPECT_EQ(response.upscalers(0).kind(), v1::UPSCALER_KIND_LATENT);
  EXPECT_EQ(response.upscalers(7).name(), "Lanczos");
  EXPECT_EQ(response.upscalers(7).kind(), v1::UPSCALER_KIND_RESAMPLER);
  EXPECT_EQ(response.upscalers(9).name(), "RealESRGAN_x4plus");
  EXPECT_EQ(response.upscalers(9).kind(), v1::UPSCALER_KIND_NETWORK);
  EXPECT_EQ(response.upscalers(9).scale(), 4);
  v1::ListUpscalersRequest request;
  request.set_parent("demo");
  const grpc::Status status = models_->ListUpscalers(Context().get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.set_parent("models/other");
  EXPECT_EQ(models_->ListUpscalers(Context().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdapterMethodsTest, BadRequestsAreAnsweredByField) {
  v1::ListAdaptersRequest request;
  request.set_parent("demo");
  request.set_page_size(-1);
  request.set_page_token("somewhere");
  v1::ListAdaptersResponse response;
  EXPECT_THAT(BadFieldsOf(List(request, response)),
              ElementsAre("page_size", "parent", "page_token"));
  v1::ListAdaptersRequest unknown;
  unknown.set_parent("models/dem0");
  const grpc::Status status = List(unknown, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"demo\"?"));
}

TEST_F(AdapterMethodsTest, APromptMayCallOnlyWhatIsThereAndFits) {
  Publish(DemoAdapterList());
  EXPECT_TRUE(CreateWith("a cat <lora:detail:0.7>").ok());
  const grpc::Status unknown = CreateWith("a cat <lora:detial:0.7>");
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(BadFieldsOf(unknown), ElementsAre("parameters.prompt"));
  EXPECT_THAT(unknown.error_message(), HasSubstr("did you mean \"detail\"?"));
  EXPECT_THAT(CreateWith("<lora:xl>").error_message(), HasSubstr("made for SDXL"));
}

TEST_F(AdapterMethodsTest, AHiresFixMayNameOnlyAnUpscalerThatIsThere) {
  Publish(DemoAdapterList());
  v1::CreateJobRequest request;
  request.mutable_parameters()->mutable_hires_fix()->set_scale(1.25);
  request.mutable_parameters()->mutable_hires_fix()->set_upscaler("R-ESRGAN 4x+");
  v1::Job job;
  ASSERT_TRUE(Create(request, job).ok());
  EXPECT_EQ(job.parameters().hires_fix().upscaler(), "RealESRGAN_x4plus");
  request.mutable_parameters()->mutable_hires_fix()->set_upscaler("other");
  const grpc::Status unknown = Create(request, job);
  EXPECT_THAT(BadFieldsOf(unknown), ElementsAre("parameters.hires_fix.upscaler"));
  EXPECT_THAT(unknown.error_message(), HasSubstr("RealESRGAN_x4plus"));
}

TEST_F(AdapterMethodsTest, WithoutAListNoLoraIsKnown) {
  EXPECT_THAT(CreateWith("<lora:detail:1>").error_message(), HasSubstr("known: none"));
}

TEST_F(AdapterMethodsTest, OnlyAPromptWithTagsWaitsForAListThatIsNotThereYet) {
  v1::Model model = DemoModel();
  model.set_adapters_digest(std::string(64, 'a'));
  worker_.Announce(model);
  v1::ListModelsResponse models;
  ASSERT_TRUE(models_->ListModels(Context().get(), {}, &models).ok());
  EXPECT_TRUE(CreateWith("a cat").ok());
  const grpc::Status status = CreateWith("<lora:detail:1>");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NO_ADAPTERS");
}

TEST_F(AdapterMethodsTest, ANewListCountsAtOnceAndThePromptsOfTheOldOneDoNot) {
  Publish(DemoAdapterList());
  EXPECT_TRUE(CreateWith("<lora:detail:0.7>").ok());
  darkroom::internal::v1::AdapterList list;
  list.set_version(1);
  v1::Adapter& fresh = *list.add_adapters()->mutable_adapter();
  fresh.set_kind(v1::ADAPTER_KIND_LORA);
  fresh.set_name("fresh");
  Publish(list.SerializeAsString());
  EXPECT_TRUE(CreateWith("<lora:fresh:0.7>").ok());
  EXPECT_FALSE(CreateWith("<lora:detail:0.7>").ok());
}

}  // namespace
}  // namespace darkroom::server
