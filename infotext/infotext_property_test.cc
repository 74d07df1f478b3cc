// What holds for every infotext, over random parameters with nasty strings.

#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "infotext/infotext.h"
#include "infotext/whitespace.h"

namespace darkroom::infotext {
namespace {

constexpr int kRounds = 5000;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  int Below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool Chance() { return Below(2) == 0; }

  // Out of what the formats of prompts, lines and values are made of.
  std::string Nasty() {
    static constexpr const char* kPieces[] = {"a",
                                              "Steps",
                                              ": ",
                                              ", ",
                                              "\"",
                                              "\\",
                                              "\n",
                                              "\r",
                                              " ",
                                              "\t",
                                              "x",
                                              "512x",
                                              "\x01",
                                              "-",
                                              "/",
                                              "_",
                                              "\\u00",
                                              "\\\"",
                                              "\xc2\xa0",
                                              "\xe7\x8c\xab",
                                              "{}",
                                              "\x1f",
                                              "[",
                                              "(",
                                              "True",
                                              "7.5",
                                              "\x7f",
                                              "\xe2\x80\xa8",
                                              "AND",
                                              "\\n",
                                              ":",
                                              "\xf0\x9f\x90\x88",
                                              "Negative prompt:",
                                              "\nSteps: 1, Sampler: b, Seed: 3\n",
                                              "Version: 1",
                                              ",",
                                              "\xff"};
    std::string text;
    for (int pieces = Below(8); pieces > 0; --pieces) {
      text += kPieces[Below(static_cast<int>(std::size(kPieces)))];
    }
    return text;
  }

  std::string Or(const std::string& otherwise) {
    const std::string text = Nasty();
    return text.empty() ? otherwise : text;
  }

  std::optional<double> Number() {
    if (Chance()) return std::nullopt;
    return std::ldexp(static_cast<double>(engine_()), Below(60) - 50);
  }

  std::optional<std::int64_t> Integer() {
    if (Chance()) return std::nullopt;
    return static_cast<std::int64_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

ImageParameters RandomParameters(Random& random) {
  ImageParameters p;
  p.prompt = random.Nasty();
  p.negative_prompt = random.Nasty();
  p.steps = random.Below(150);
  p.sampler = random.Nasty();
  p.schedule = random.Or("Karras");
  p.guidance_scale = random.Number();
  p.seed = random.Below(1 << 30);
  p.size = Size{random.Below(5000), random.Below(5000)};
  p.model_hash = random.Nasty();
  p.model = random.Nasty();
  p.vae = random.Nasty();
  p.variation_seed = random.Integer();
  p.variation_strength = random.Number();
  if (random.Chance()) p.seed_resize_from = Size{random.Below(99), random.Below(99)};
  p.clip_skip = 1 + random.Below(12);
  p.eta_seed_delta = random.Integer();
  p.noise_source = random.Or("GPU");
  p.tiling = random.Chance();
  p.emphasis = random.Or("Original");
  p.discard_penultimate_sigma = random.Chance();
  p.schedule_sigma_max = random.Number();
  p.schedule_rho = random.Number();
  p.min_uncond_sigma = random.Number();
  for (int i = random.Below(3); i > 0; --i) {
    p.others.push_back({"other key " + std::to_string(i), random.Nasty()});
  }
  p.version = random.Nasty();
  return p;
}

// Whether a line of a prompt is taken for the beginning of the negative one, which loses the mark
// at every reading: the format has no way to keep it.
bool HasMarkedLine(const ImageParameters& parameters) {
  const std::string lines = "\n" + parameters.prompt + "\n" + parameters.negative_prompt;
  return lines.find("\nNegative prompt:") != std::string::npos;
}

TEST(InfotextProperties, WhatWasReadOnceIsReadAndWrittenTheSameForEver) {
  Random random(1);
  for (int i = 0; i < kRounds; ++i) {
    const ImageParameters read = ParseInfotext(FormatInfotext(RandomParameters(random)));
    if (HasMarkedLine(read)) continue;
    const std::string text = FormatInfotext(read);
    ASSERT_EQ(ParseInfotext(text), read) << text;
    ASSERT_EQ(FormatInfotext(ParseInfotext(text)), text);
  }
}

TEST(InfotextProperties, EverythingButThePromptsIsReadBackWhateverThePromptsAre) {
  Random random(2);
  for (int i = 0; i < kRounds; ++i) {
    const ImageParameters written = RandomParameters(random);
    ImageParameters read = ParseInfotext(FormatInfotext(written));
    read.prompt = written.prompt;
    read.negative_prompt = written.negative_prompt;
    ASSERT_EQ(read, written) << FormatInfotext(written);
  }
}

TEST(InfotextProperties, PromptsOfStrippedLinesAreReadBack) {
  Random random(3);
  for (int i = 0; i < kRounds; ++i) {
    ImageParameters written = RandomParameters(random);
    for (std::string* prompt : {&written.prompt, &written.negative_prompt}) {
      std::string line = random.Nasty();
      for (char& c : line) c = c == '\n' ? '|' : c;
      *prompt = "p" + std::string(Strip(line)) + "\n" + std::string(Strip(line)) + ".";
    }
    if (HasMarkedLine(written)) continue;
    ASSERT_EQ(ParseInfotext(FormatInfotext(written)), written) << FormatInfotext(written);
  }
}

// No crash and a fixed point for texts that nobody wrote.
TEST(InfotextProperties, AnyTextIsReadAndAWrittenOneStays) {
  Random random(4);
  for (int i = 0; i < kRounds; ++i) {
    std::string text;
    for (int parts = random.Below(6); parts > 0; --parts) text += random.Nasty();
    ImageParameters read =
        ParseInfotext(absl::StrCat(text, "\nSteps: 2, Seed: 3, Size: 4x5, ", text));
    read.steps = 2;
    read.seed = 3;
    const ImageParameters again = ParseInfotext(FormatInfotext(read));
    if (HasMarkedLine(again)) continue;
    ASSERT_EQ(ParseInfotext(FormatInfotext(again)), again) << text;
  }
}

}  // namespace
}  // namespace darkroom::infotext
