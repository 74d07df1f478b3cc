// Compares how infotexts are written and read with AUTOMATIC1111; the data is made by
// make_infotext_goldens.py.

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "infotext/infotext.h"
#include "infotext/parts.h"
#include "infotext/quoting.h"

namespace darkroom::infotext {
namespace {

using ::testing::ElementsAreArray;

// The words of the golden file's lines.
std::vector<std::vector<std::string>> GoldenLines() {
  const std::string text = ReadFile("tests/golden/infotext/infotexts.txt", 1 << 20).value();
  std::vector<std::vector<std::string>> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.emplace_back();
    for (const absl::string_view field : absl::StrSplit(line, '\t')) {
      lines.back().push_back(UnquoteValue(field));
    }
  }
  return lines;
}

struct ParseCase {
  std::string text;
  InfotextParts expected;
};

std::vector<ParseCase> ParseCases() {
  std::vector<ParseCase> cases;
  for (std::vector<std::string>& line : GoldenLines()) {
    if (line[0] == "parse") cases.push_back({.text = line[1], .expected = {}});
    if (line[0] == "prompt") cases.back().expected.prompt = line[1];
    if (line[0] == "negative") cases.back().expected.negative_prompt = line[1];
    if (line[0] == "pair") cases.back().expected.pairs.push_back({line[1], line[2]});
  }
  return cases;
}

std::string Written(const std::string& name) {
  for (const std::vector<std::string>& line : GoldenLines()) {
    if (line[0] == "format" && line[1] == name) return line[2];
  }
  ADD_FAILURE() << "no golden " << name;
  return "";
}

TEST(InfotextGolden, TextsAreReadAsTheReferenceReadsThem) {
  const std::vector<ParseCase> cases = ParseCases();
  EXPECT_GT(cases.size(), 20u);
  for (const ParseCase& golden : cases) {
    const InfotextParts parts = SplitInfotext(golden.text);
    EXPECT_EQ(parts.prompt, golden.expected.prompt) << golden.text;
    EXPECT_EQ(parts.negative_prompt, golden.expected.negative_prompt) << golden.text;
    EXPECT_THAT(parts.pairs, ElementsAreArray(golden.expected.pairs)) << golden.text;
  }
}

// The job that every case of the script begins with.
ImageParameters Job() {
  return {.prompt = "a castle",
          .negative_prompt = "blurry",
          .steps = 20,
          .sampler = "DPM++ 2M",
          .schedule = "Karras",
          .guidance_scale = 7,
          .seed = 1,
          .size = Size{512, 768},
          .model_hash = "45dee52b",
          .model = "sd",
          .version = "v1.10.1"};
}

TEST(InfotextGolden, TextsAreWrittenAsTheReferenceWritesThem) {
  EXPECT_EQ(FormatInfotext(Job()), Written("plain"));

  ImageParameters odd = Job();
  odd.prompt = "two\nlines";
  odd.negative_prompt.clear();
  odd.model = "a, \"b\": c";
  EXPECT_EQ(FormatInfotext(odd), Written("odd names"));

  ImageParameters seeds = Job();
  seeds.variation_seed = 9;
  seeds.variation_strength = 0.1;
  seeds.seed_resize_from = Size{256, 384};
  seeds.clip_skip = 2;
  seeds.eta_seed_delta = 31337;
  seeds.noise_source = "NV";
  EXPECT_EQ(FormatInfotext(seeds), Written("seeds"));

  ImageParameters steps = Job();
  steps.denoising_strength = 0.7;
  steps.discard_penultimate_sigma = true;
  steps.schedule_sigma_min = 0.1;
  steps.schedule_sigma_max = 10.5;
  steps.schedule_rho = 5;
  steps.eta = 0.5;
  steps.sigma_churn = 1.5;
  steps.sigma_noise = 1.007;
  steps.min_uncond_sigma = 0.5;
  steps.others = {{"Lora hashes", "a: 1, b: 2"}};
  EXPECT_EQ(FormatInfotext(steps), Written("steps"));
}

TEST(InfotextGolden, WhatTheReferenceWritesIsReadAndWrittenTheSame) {
  for (const char* name : {"plain", "odd names", "seeds", "steps"}) {
    const std::string text = Written(name);
    EXPECT_EQ(FormatInfotext(ParseInfotext(text)), text);
  }
}

}  // namespace
}  // namespace darkroom::infotext
