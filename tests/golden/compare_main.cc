// Prints how far the models of a folder lie from a golden folder: golden_compare MODEL GOLDEN
// [TOKENIZER].

#include <cstdio>

#include "tests/golden/golden_check.h"

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: %s MODEL GOLDEN_FOLDER [TOKENIZER]\n", argv[0]);
    return 2;
  }
  const auto errors = darkroom::diffusion::CompareWithGolden(
      {.model = argv[1], .vae = {}, .tokenizer = argc > 3 ? argv[3] : ""}, argv[2]);
  if (!errors.ok()) {
    std::fprintf(stderr, "%s\n", errors.status().ToString().c_str());
    return 1;
  }
  for (const auto& error : *errors) {
    std::printf("%-14s %.3g\n", error.output.c_str(), error.relative);
  }
  return 0;
}
