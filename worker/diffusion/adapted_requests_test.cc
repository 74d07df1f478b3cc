// The backend over prompts that call LoRAs and embeddings.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/tiny_requests.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAdapters[] = "tests/golden/adapters/";

std::vector<NamedFile> Loras() {
  std::vector<NamedFile> files;
  for (const auto& file : std::filesystem::directory_iterator(std::string(kAdapters) + "files")) {
    files.push_back({.name = file.path().stem().string(), .path = file.path()});
  }
  for (const std::string name : {"tiny_model", "tiny_sdxl"}) {
    files.push_back({.name = name, .path = kAdapters + ("networks/" + name) + ".safetensors"});
  }
  files.push_back({.name = "gone", .path = "/no/such/gone.safetensors"});
  return files;
}

std::vector<NamedFile> Embeddings() {
  return {
      {.name = "mystyle", .path = kAdapters + std::string("networks/tiny_model_style.safetensors")},
      {.name = "xlstyle", .path = kAdapters + std::string("networks/tiny_sdxl_style.safetensors")}};
}

class AdaptedRequestsTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Backend> Load(const std::string& model,
                                       std::int64_t lora_bytes = std::int64_t{1} << 30) {
    auto backend =
        LoadTorchBackend("tests/golden/" + model, {.threads = 1, .lora_bytes = lora_bytes}).value();
    backend->SetAdapters({.loras = Loras(), .embeddings = Embeddings()});
    return backend;
  }

  static void SetUpTestSuite() { backend_ = Load("tiny_model").release(); }
  static void TearDownTestSuite() { delete std::exchange(backend_, nullptr); }

  // The pictures of requests that are made in one batch.
  static std::vector<RgbImage> PaintAll(const std::vector<ImageRequest>& requests,
                                        Backend& backend = *backend_) {
    return PaintTogether(backend, requests);
  }

  static RgbImage Paint(const std::string& prompt, const std::string& negative = "") {
    return PaintAll({TinyRequest(prompt, negative)})[0];
  }

  static absl::Status Refused(const std::string& prompt, const std::string& negative = "",
                              Backend& backend = *backend_) {
    return backend.Start(TinyRequest(prompt, negative)).status();
  }

  static Backend* backend_;
};

Backend* AdaptedRequestsTest::backend_ = nullptr;

TEST_F(AdaptedRequestsTest, EightJobsWithEightLorasInOneBatchAreEightSingleRuns) {
  std::vector<ImageRequest> requests;
  for (const std::string lora :
       {"kohya", "loha", "lokr", "dora", "full", "peft", "tiny_model", "locon_tucker"}) {
    requests.push_back(TinyRequest("a red apple <lora:" + lora + ":0.8>"));
    requests.back().seed = static_cast<std::int64_t>(requests.size());
  }
  const std::vector<RgbImage> together = PaintAll(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(PaintAll({requests[i]})[0], together[i]) << requests[i].prompt;
  }
}

TEST_F(AdaptedRequestsTest, JobsOfAllSortsWithAndWithoutLorasAreSingleRuns) {
  std::vector<ImageRequest> requests = {
      TinyRequest("a cat", "blurry"),
      TinyRequest("a cat AND a <lora:kohya:0.7> dog :0.4 <lora:tiny_model:0.3>"),
      TinyRequest("a [cat|dog] <lora:dora:1>", "blurry"),
      TinyRequest("a green tree <lora:tiny_model:1:0.2>"),
      TinyRequest("a cat", "mystyle"),
      TinyRequest("a mystyle cat <lora:full:0.5>")};
  requests[2].sampler = "Euler a";
  requests[3].init = {.picture = Paint("a tree"), .strength = 0.6};
  requests[5].guidance_scale = 1;
  const std::vector<RgbImage> together = PaintAll(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(PaintAll({requests[i]})[0], together[i]) << requests[i].prompt;
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(together[i], together[j]) << i << " " << j;
  }
}

TEST_F(AdaptedRequestsTest, StrengthsAreThoseOfTheTextEncoderAndOfTheUNet) {
  const RgbImage plain = Paint("a cat");
  const RgbImage both = Paint("a cat<lora:kohya:0.7>");
  EXPECT_NE(both, plain);
  EXPECT_EQ(Paint("a cat<lora:kohya:0.7:0.7>"), both);
  EXPECT_EQ(Paint("<lyco:kohya:0.7>a cat"), both);
  EXPECT_EQ(Paint("a cat<lora:kohya:te=0.7:unet=0.7>"), both);
  const RgbImage text = Paint("a cat<lora:kohya:0.7:0>");
  const RgbImage unet = Paint("a cat<lora:kohya:0:0.7>");
  EXPECT_NE(text, plain);
  EXPECT_NE(text, both);
  EXPECT_NE(unet, plain);
  EXPECT_NE(unet, both);
  EXPECT_NE(unet, text);
  EXPECT_NE(Paint("a cat<lora:kohya:0.5>"), both);
  EXPECT_NE(Paint("a cat<lora:kohya:-0.7>"), both);
  EXPECT_EQ(Paint("a cat<lora:kohya:0>"), plain);
}

TEST_F(AdaptedRequestsTest, OfANameThatOccursTwiceTheLastStrengthCountsTwice) {
  EXPECT_EQ(Paint("a cat<lora:kohya:0.9><lora:loha:1><lora:kohya:0.25>"),
            Paint("a cat<lora:kohya:0.5><lora:loha:1>"));
}

TEST_F(AdaptedRequestsTest, ALoraIsTextInANegativePrompt) {
  EXPECT_NE(Paint("a cat", "<lora:kohya:0.7>"), Paint("a cat"));
  EXPECT_TRUE(backend_->Start(TinyRequest("a cat", "<lora:nowhere:1>")).ok());
}

TEST_F(AdaptedRequestsTest, EmbeddingsChangeEitherPrompt) {
  const RgbImage plain = Paint("a cat");
  const RgbImage positive = Paint("a mystyle cat");
  const RgbImage negative = Paint("a cat", "mystyle");
  EXPECT_NE(positive, plain);
  EXPECT_NE(negative, plain);
  EXPECT_NE(positive, negative);
  EXPECT_NE(Paint("a (mystyle:1.4) cat"), positive);
}

TEST_F(AdaptedRequestsTest, WhatAPromptCallsInVainIsRefusedByName) {
  const std::pair<std::string, std::string> cases[] = {
      {"a cat <lora:nowhere:1>", "prompt calls the LoRA 'nowhere', which is not here"},
      {"a cat <lora:nowhere:0>", "prompt calls the LoRA 'nowhere', which is not here"},
      {"a cat <lora:../files/kohya:1>", "'../files/kohya', which is not here"},
      {"a cat <lora:gone:1>", "'gone', which cannot be used: gone.safetensors: "},
      {"a cat <lora:tiny_sdxl:1>", "'tiny_sdxl', which cannot be used: tiny_sdxl.safetensors: "},
      {"a cat <lora:kohya:strong>", "<lora:kohya:strong> that cannot be read; write <lora:name:"},
      {"a cat <lora:kohya:1:1:4>", "'kohya', with a rank of its own (dyn), which is not supported"},
      {"a cat <lora:kohya:dyn=4>", "'kohya', with a rank of its own (dyn), which is not supported"},
      {"a cat <hypernet:x:1>", "a hypernetwork, which is not supported"},
      {"a xlstyle cat", "the embedding 'xlstyle', which cannot be used: tiny_sdxl_style"}};
  for (const auto& [prompt, reason] : cases) {
    const absl::Status status = Refused(prompt);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << prompt << ": " << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("prompt"), HasSubstr(reason), Not(HasSubstr("golden"))));
  }
  EXPECT_THAT(std::string(Refused("a cat", "xlstyle").message()), HasSubstr("'xlstyle'"));
  std::string many = "a cat";
  for (int i = 0; i < 33; ++i) many += "<lora:kohya:1>";
  EXPECT_THAT(std::string(Refused(many).message()), HasSubstr("more than 32 tags"));
  EXPECT_TRUE(Refused("a cat <lora:kohya:1>").ok());
}

TEST_F(AdaptedRequestsTest, AnEvictedFileMakesTheSamePictureWhenItIsReadAgain) {
  const auto backend = Load("tiny_model", 100'000);
  const ImageRequest first = TinyRequest("a cat <lora:tiny_model:0.7>");
  const RgbImage before = PaintAll({first}, *backend)[0];
  // Both are alive, and one of them is no longer kept.
  const std::vector<RgbImage> both = PaintAll(
      {first, TinyRequest("a cat <lora:kohya:1>"), TinyRequest("a dog <lora:full:0.6>")}, *backend);
  EXPECT_EQ(both[0], before);
  EXPECT_EQ(PaintAll({first}, *backend)[0], before);
  EXPECT_THAT(
      std::string(
          Refused("<lora:kohya:1><lora:tiny_model:1>", "", *Load("tiny_model", 1000)).message()),
      HasSubstr("'tiny_model', with which its LoRAs take more than"));
}

TEST_F(AdaptedRequestsTest, FilesComeAndGoWhileJobsKeepWhatTheyBeganWith) {
  const auto backend = Load("tiny_model");
  const ImageRequest request = TinyRequest("a mystyle cat <lora:kohya:0.7>");
  const RgbImage picture = PaintAll({request}, *backend)[0];
  const auto running = backend->Start(request).value();
  backend->SetAdapters({.loras = {{.name = "other", .path = Loras()[0].path}}, .embeddings = {}});
  EXPECT_TRUE(absl::IsInvalidArgument(backend->Start(request).status()));
  EXPECT_TRUE(Refused("a cat <lora:other:1>", "", *backend).ok());
  while (!running->done(0)) {
    const auto stepped = backend->Step({{.generation = running.get(), .image = 0}});
    ASSERT_THAT(stepped.value(), Each(absl::OkStatus()));
  }
  EXPECT_EQ(backend->Decode(*running, 0).value(), picture);
}

TEST_F(AdaptedRequestsTest, ASavedStepIsGoneOnFromWithTheFilesThatHaveMadeItAlone) {
  const auto backend = Load("tiny_model");
  const auto other = Load("tiny_model");
  const ImageRequest request = TinyRequest("a mystyle cat <lora:kohya:0.7>");
  const auto generation = backend->Start(request).value();
  const auto step = [](Backend& by, Generation& of) {
    ASSERT_THAT(by.Step({{.generation = &of, .image = 0}}).value(), Each(absl::OkStatus()));
  };
  step(*backend, *generation);
  step(*backend, *generation);
  const std::string saved = backend->Save(*generation, 1 << 20).value();
  const auto continued = other->Continue(request, saved).value();
  while (!continued->done(0)) step(*other, *continued);
  EXPECT_EQ(other->Decode(*continued, 0).value(), PaintAll({request}, *backend)[0]);

  const std::string files = kAdapters + std::string("files/");
  const auto continues_with = [&](const std::string& lora, const std::string& embedding) {
    other->SetAdapters({.loras = {{.name = "kohya", .path = files + lora + ".safetensors"}},
                        .embeddings = {{.name = "mystyle", .path = embedding}}});
    return other->Continue(request, saved).status();
  };
  EXPECT_TRUE(continues_with("kohya", Embeddings()[0].path).ok());
  EXPECT_TRUE(absl::IsDataLoss(continues_with("full", Embeddings()[0].path)));
  const std::string copy = ::testing::TempDir() + "/style_of_another_time.safetensors";
  std::filesystem::copy_file(Embeddings()[0].path, copy,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(absl::IsDataLoss(continues_with("kohya", copy)));
  std::filesystem::remove(copy);
}

TEST_F(AdaptedRequestsTest, SdxlTakesLorasAndEmbeddingsOfItsTwoEncoders) {
  const auto backend = Load("tiny_sdxl");
  const std::vector<ImageRequest> requests = {
      TinyRequest("a cat", "blurry"), TinyRequest("a cat<lora:tiny_sdxl:0.6>", "blurry"),
      TinyRequest("a cat<lora:tiny_sdxl:0.6:0>", "blurry"), TinyRequest("a xlstyle cat", "blurry")};
  const std::vector<RgbImage> together = PaintAll(requests, *backend);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(PaintAll({requests[i]}, *backend)[0], together[i]) << requests[i].prompt;
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(together[i], together[j]) << i << " " << j;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Refused("a cat<lora:tiny_model:1>", "", *backend)));
}

}  // namespace
}  // namespace darkroom::diffusion
