#include "server/core/infotext_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "absl/strings/str_cat.h"
#include "darkroom/v1/prompt_service.pb.h"
#include "infotext/infotext.h"
#include "server/testing/demo_adapters.h"
#include "server/testing/demo_model.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Models& Served() {
  static const auto& models = *new Models([] {
    v1::Model demo = DemoModel();
    demo.set_hash("0123456789");
    v1::Model other = demo;
    other.set_name("models/other");
    other.set_display_name("Another One");
    other.set_hash("abcdef0123");
    return Models{{"demo", demo}, {"other", other}};
  }());
  return models;
}

InfotextReading Read(const std::string& text) {
  return ReadParameters(infotext::ParseInfotext(text), Served());
}

TEST(InfotextReadingTest, PictureOfAUsualWebuiIsTakenOverWhole) {
  const InfotextReading reading = Read(
      "a castle\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, "
      "CFG scale: 6.5, Seed: 965400086, Size: 512x768, Model hash: abcdef0123, Model: somebody's, "
      "Clip skip: 2, Version: v1.10.1");
  EXPECT_THAT(reading.notes, IsEmpty());
  const v1::ImageParameters& parameters = reading.parameters;
  EXPECT_EQ(parameters.prompt(), "a castle");
  EXPECT_EQ(parameters.negative_prompt(), "blurry");
  EXPECT_EQ(parameters.model(), "models/other");
  EXPECT_EQ(parameters.steps(), 20);
  EXPECT_EQ(parameters.sampler(), "DPM++ 2M");
  EXPECT_EQ(parameters.schedule(), "Karras");
  EXPECT_EQ(parameters.guidance_scale(), 6.5);
  EXPECT_EQ(parameters.seed(), 965400086);
  EXPECT_EQ(parameters.image_count(), 1);
  EXPECT_EQ(parameters.width(), 512);
  EXPECT_EQ(parameters.height(), 768);
  EXPECT_EQ(parameters.clip_skip(), 2);
  EXPECT_EQ(parameters.noise_source(), v1::NOISE_SOURCE_PHILOX);
  EXPECT_FALSE(parameters.has_preview_interval());
}

TEST(InfotextReadingTest, EveryOptionHasItsField) {
  const InfotextReading reading = Read(
      "x\nSteps: 5, Sampler: Euler a, Schedule type: Beta, Seed: 1, Variation seed: 9, Variation "
      "seed strength: 0.25, Seed resize from: 384x256, ENSD: 31337, RNG: CPU, Emphasis: No norm, "
      "Discard penultimate sigma: True, Schedule min sigma: 0.1, Schedule max sigma: 12, Schedule "
      "rho: 5, Beta schedule alpha: 0.7, Beta schedule beta: 0.8, Eta: 0.9, Sigma churn: 1, Sigma "
      "tmin: 0.2, Sigma tmax: 30, Sigma noise: 1.05, CFG Rescale: 0.4, NGMS: 2, NGMS all steps: "
      "True, Tiling: True");
  EXPECT_THAT(reading.notes, IsEmpty());
  const v1::ImageParameters& parameters = reading.parameters;
  EXPECT_TRUE(parameters.tiling());
  EXPECT_EQ(parameters.variation().seed(), 9);
  EXPECT_EQ(parameters.variation().strength(), 0.25);
  EXPECT_EQ(parameters.seed_resize_from().width(), 384);
  EXPECT_EQ(parameters.seed_resize_from().height(), 256);
  EXPECT_EQ(parameters.eta_seed_delta(), 31337);
  EXPECT_EQ(parameters.noise_source(), v1::NOISE_SOURCE_MT19937);
  EXPECT_EQ(parameters.emphasis(), v1::EMPHASIS_NO_NORM);
  EXPECT_EQ(parameters.sampler_options().eta(), 0.9);
  EXPECT_EQ(parameters.sampler_options().s_churn(), 1);
  EXPECT_EQ(parameters.sampler_options().s_tmin(), 0.2);
  EXPECT_EQ(parameters.sampler_options().s_tmax(), 30);
  EXPECT_EQ(parameters.sampler_options().s_noise(), 1.05);
  EXPECT_EQ(parameters.schedule_options().sigma_min(), 0.1);
  EXPECT_EQ(parameters.schedule_options().sigma_max(), 12);
  EXPECT_EQ(parameters.schedule_options().rho(), 5);
  EXPECT_EQ(parameters.schedule_options().beta_alpha(), 0.7);
  EXPECT_EQ(parameters.schedule_options().beta_beta(), 0.8);
  EXPECT_TRUE(parameters.schedule_options().discard_next_to_last_sigma());
  EXPECT_EQ(parameters.guidance_options().rescale(), 0.4);
  EXPECT_EQ(parameters.guidance_options().min_negative_sigma(), 2);
  EXPECT_TRUE(parameters.guidance_options().skip_negative_at_every_call());
}

TEST(InfotextReadingTest, WhatTheTextDoesNotTellIsUnset) {
  v1::ImageParameters only_a_prompt;
  only_a_prompt.set_prompt("just words");
  const InfotextReading reading = Read("just words");
  EXPECT_EQ(reading.parameters.SerializeAsString(), only_a_prompt.SerializeAsString());
  EXPECT_THAT(reading.notes, IsEmpty());
}

TEST(InfotextReadingTest, NamesOfOlderVersionsAndOfOtherProgramsAreUnderstood) {
  const v1::ImageParameters old =
      Read("x\nSteps: 5, Sampler: DPM++ SDE Karras, Seed: 1").parameters;
  EXPECT_EQ(old.sampler(), "DPM++ SDE");
  EXPECT_EQ(old.schedule(), "Karras");
  const v1::ImageParameters plain = Read("x\nSteps: 5, Sampler: Euler, Seed: 1").parameters;
  EXPECT_EQ(plain.schedule(), "Automatic") << "what no schedule means there";
}

TEST(InfotextReadingTest, EtaIsThatOfTheSampler) {
  const InfotextReading ddim = Read("x\nSteps: 5, Sampler: DDIM, Eta: 0.5, Eta DDIM: 0.3");
  EXPECT_EQ(ddim.parameters.sampler_options().eta(), 0.3);
  EXPECT_THAT(ddim.notes, ElementsAre("Eta: 0.5 is of another kind of samplers."));
  const InfotextReading ancestral = Read("x\nSteps: 5, Sampler: Euler a, Eta: 0.5, Eta DDIM: 0.3");
  EXPECT_EQ(ancestral.parameters.sampler_options().eta(), 0.5);
  EXPECT_THAT(ancestral.notes, ElementsAre("Eta DDIM: 0.3 is of another kind of samplers."));
}

TEST(InfotextReadingTest, ModelIsFoundByItsNameWhereNoHashFits) {
  EXPECT_EQ(Read("x\nSteps: 5, Seed: 1, Model: DEMO").parameters.model(), "models/demo");
  EXPECT_EQ(Read("x\nSteps: 5, Seed: 1, Model: another one").parameters.model(), "models/other");
  const InfotextReading other_weights =
      Read("x\nSteps: 5, Seed: 1, Model hash: ffffffffff, Model: demo");
  EXPECT_EQ(other_weights.parameters.model(), "models/demo");
  EXPECT_THAT(
      other_weights.notes,
      ElementsAre("Model hash: ffffffffff is not that of models/demo, 0123456789, which has "
                  "the same name."));
}

TEST(InfotextReadingTest, WhatCannotBeTakenOverIsSaidPairByPair) {
  const InfotextReading reading = Read(
      "x\nSteps: many, Sampler: Own, Schedule type: Steep, Seed: 1, Model: unknown, VAE hash: abc, "
      "VAE: some.vae, Denoising strength: 0.7, Variation seed: 3, RNG: Dice, "
      "Emphasis: Loud, Noise Schedule: Zero Terminal SNR, Hires upscale: 2, Hires checkpoint: "
      "other, Lora hashes: \"a: "
      "b\", TI hashes: \"c: d\", Mood: \"a\\nb\", Version: v1.10.1");
  EXPECT_THAT(reading.notes,
              testing::UnorderedElementsAre(
                  "Model: unknown is not served here; the parameters name no model.",
                  "Emphasis: Loud is not known here.", "Sampler: Own is not known here.",
                  "Schedule type: Steep is not known here.", "RNG: Dice is not known here.",
                  "Variation seed: 3 has no effect without a strength.",
                  "VAE hash: abc is not loaded here; the model's own is used.",
                  "VAE: some.vae is not loaded here; the model's own is used.",
                  "Noise Schedule: Zero Terminal SNR is not applied here; the model's own is.",
                  "Steps: many is not known here.",
                  "Hires checkpoint: other is of the second pass, and not known here.",
                  "Lora hashes: a: b names LoRA files, which are not compared here.",
                  "TI hashes: c: d names embeddings, which are not loaded here.",
                  "Mood: a b is not known here."));
  EXPECT_EQ(reading.parameters.sampler(), "");
  EXPECT_EQ(reading.parameters.schedule(), "");
  EXPECT_FALSE(reading.parameters.has_steps());
}

TEST(InfotextReadingTest, ASecondPassHasItsOwnSamplerAndPrompts) {
  const InfotextReading reading = Read(
      "a cat\nSteps: 20, Sampler: Euler, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: "
      "64x64, Denoising strength: 0.45, Hires sampler: DDIM, Hires prompt: \"a cat, sharp\", Hires "
      "negative prompt: blur, Hires CFG Scale: 5, Hires upscale: 1.5, Hires steps: 12, Hires "
      "upscaler: Lanczos, Eta DDIM: 0.5");
  EXPECT_THAT(reading.notes, testing::IsEmpty());
  EXPECT_EQ(reading.parameters.hires_fix().ShortDebugString(),
            "scale: 1.5 upscaler: \"Lanczos\" strength: 0.45 steps: 12 sampler: \"DDIM\" schedule: "
            "\"Karras\" prompt: \"a cat, sharp\" negative_prompt: \"blur\" guidance_scale: 5");
  EXPECT_EQ(reading.parameters.sampler_options().eta(), 0.5) << "it is of the second pass";
  EXPECT_FALSE(reading.parameters.has_init_image());
}

TEST(InfotextReadingTest, ASecondPassOfANetworkBecomesOneOfTheLatent) {
  const InfotextReading reading = Read(
      "x\nSteps: 5, Seed: 1, Denoising strength: 0.5, Hires resize: 0x1024, Hires upscaler: "
      "R-ESRGAN 4x+, Hires schedule type: Exponential");
  EXPECT_EQ(reading.parameters.hires_fix().ShortDebugString(),
            "height: 1024 strength: 0.5 schedule: \"Exponential\"");
  EXPECT_THAT(reading.notes, testing::ElementsAre(
                                 "Hires upscaler: R-ESRGAN 4x+ is not known here; the second pass "
                                 "begins with a latent that is scaled."));
  EXPECT_THAT(Read("x\nSteps: 5, Seed: 1, Hires upscaler: Latent").notes,
              testing::ElementsAre("Hires upscaler: Latent is of a second pass, which a size and a "
                                   "denoising strength belong to."));
}

TEST(InfotextReadingTest, StrengthAsksForThePictureThatWasBegunWith) {
  const InfotextReading reading = Read("x\nSteps: 5, Seed: 1, Denoising strength: 0.6");
  EXPECT_EQ(reading.parameters.init_image().strength(), 0.6);
  EXPECT_THAT(reading.notes,
              ElementsAre("Denoising strength: 0.6 is of a picture made from another; "
                          "that one is needed as init_image."));
}

TEST(InfotextReadingTest, AMaskIsAskedForAndItsOptionsAreTakenOver) {
  const InfotextReading reading = Read(
      "x\nSteps: 5, Seed: 1, Denoising strength: 0.6, Image CFG scale: 2, Mask mode: Inpaint not "
      "masked, Mask blur: 8, Inpaint area: Only masked, Masked area padding: 16, Masked content: "
      "latent noise");
  const v1::InitImage& image = reading.parameters.init_image();
  EXPECT_EQ(image.guidance_scale(), 2);
  EXPECT_EQ(image.mask().blur(), 8);
  EXPECT_TRUE(image.mask().inverted());
  EXPECT_TRUE(image.mask().only_masked());
  EXPECT_EQ(image.mask().padding(), 16);
  EXPECT_EQ(image.mask().fill(), v1::MASK_FILL_LATENT_NOISE);
  EXPECT_THAT(reading.notes, SizeIs(2));
  EXPECT_EQ(reading.notes[1],
            "Mask blur: 8 is of a picture made within a mask; that one is needed as "
            "init_image.mask.");
}

TEST(InfotextReadingTest, SoftInpaintingIsTakenOver) {
  const InfotextReading reading = Read(
      "x\nSteps: 5, Seed: 1, Denoising strength: 0.6, Soft inpainting enabled: True, Soft "
      "inpainting schedule bias: 2, Soft inpainting mask influence: 0.5");
  const v1::Mask& mask = reading.parameters.init_image().mask();
  EXPECT_EQ(mask.soft().schedule_bias(), 2);
  EXPECT_EQ(mask.soft().mask_influence(), 0.5);
  EXPECT_FALSE(mask.soft().has_difference_contrast()) << "the default is the gateway's to know";
  EXPECT_THAT(reading.notes, SizeIs(2)) << "picture and mask are needed";
}

TEST(InfotextReadingTest, AnUpscalerThatIsAFileIsKnownByEitherOfItsNames) {
  const AdapterIndex files = AdapterIndex::Parse(DemoAdapterList()).value();
  const std::string text =
      "x\nSteps: 5, Seed: 1, Denoising strength: 0.5, Hires upscale: 2, Hires upscaler: ";
  for (const char* name : {"R-ESRGAN 4x+", "RealESRGAN_x4plus"}) {
    const InfotextReading reading =
        ReadParameters(infotext::ParseInfotext(text + name), Served(), &files);
    EXPECT_EQ(reading.parameters.hires_fix().upscaler(), "RealESRGAN_x4plus");
    EXPECT_THAT(reading.notes, IsEmpty());
  }
  EXPECT_THAT(ReadParameters(infotext::ParseInfotext(text + "4x"), Served(), &files).notes,
              ElementsAre(HasSubstr("Hires upscaler: 4x is not known here")));
}

TEST(InfotextReadingTest, MarginsAreTakenOver) {
  const InfotextReading reading = Read(
      "x\nSteps: 5, Seed: 1, Denoising strength: 0.6, Mask blur: 8, Masked content: fill, "
      "Outpaint margins: 64 0 32 8");
  const v1::InitImage& image = reading.parameters.init_image();
  EXPECT_EQ(image.extend().left(), 64);
  EXPECT_EQ(image.extend().bottom(), 8);
  EXPECT_EQ(image.mask().blur(), 8);
  EXPECT_EQ(image.mask().fill(), v1::MASK_FILL_SURROUNDINGS);
  EXPECT_THAT(reading.notes, SizeIs(1)) << "the picture is needed, a mask is not";
  EXPECT_THAT(Read("x\nSteps: 5, Seed: 1, Sampler: Euler, Outpaint margins: far").notes,
              ElementsAre("Outpaint margins: far is not known here."));
}

TEST(InfotextReadingTest, AMaskWithoutABlurHadHardEdges) {
  const InfotextReading reading =
      Read("x\nSteps: 5, Seed: 1, Denoising strength: 0.6, Masked content: fill");
  EXPECT_EQ(reading.parameters.init_image().mask().blur(), 0);
  EXPECT_EQ(reading.parameters.init_image().mask().fill(), v1::MASK_FILL_SURROUNDINGS);
}

TEST(InfotextReadingTest, LongValuesAreCutBetweenCharacters) {
  std::string value;
  for (int i = 0; i < 100; ++i) value += "ш";
  const InfotextReading reading = Read("x\nSteps: 5, Seed: 1, Mood: " + value);
  ASSERT_THAT(reading.notes, SizeIs(1));
  EXPECT_EQ(reading.notes[0], absl::StrCat("Mood: ", value.substr(0, 80), "… is not known here."));
}

TEST(InfotextReadingTest, HostileTextsGiveShortAnswersInUtf8) {
  static constexpr const char* kPieces[] = {"\nSteps: 1, Seed: 2, ",
                                            ", ",
                                            ": ",
                                            "\"",
                                            "\\u0000",
                                            "\\ud800",
                                            "\xf0\x9f\x90\x88",
                                            "Size: 0x0",
                                            "Steps: 99999999999",
                                            "Eta: 1e999",
                                            "Clip skip: -2147483648",
                                            "Seed: -9223372036854775808",
                                            "Model hash",
                                            "Lora hashes",
                                            "\x01",
                                            "Variation seed strength: 7"};
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += kPieces[random() % std::size(kPieces)];
    const InfotextReading reading = Read(text);
    v1::ReadInfotextResponse response;
    *response.mutable_parameters() = reading.parameters;
    for (const std::string& note : reading.notes) response.add_notes(note);
    // Only parsing tells of strings that are no UTF-8.
    EXPECT_TRUE(v1::ReadInfotextResponse().ParseFromString(response.SerializeAsString())) << text;
    for (const std::string& note : reading.notes) EXPECT_LT(note.size(), 300U);
  }
}

TEST(InfotextReadingTest, NotesAreCountedBeyondAHundred) {
  std::string text = "x\nSteps: 5, Seed: 1";
  for (int i = 0; i < 150; ++i) absl::StrAppend(&text, ", key", i, ": v");
  const InfotextReading reading = Read(text);
  ASSERT_THAT(reading.notes, SizeIs(kMaxInfotextNotes));
  EXPECT_THAT(reading.notes[98], HasSubstr("key98"));
  EXPECT_EQ(reading.notes.back(), "51 more pairs were not taken over.");
}

}  // namespace
}  // namespace darkroom::server
