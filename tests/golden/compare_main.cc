// Prints how far the models of a folder lie from a golden folder: golden_compare MODEL GOLDEN.

#include <cstdio>

#include "tests/golden/golden_check.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL_FOLDER GOLDEN_FOLDER\n", argv[0]);
    return 2;
  }
  const auto errors = darkroom::diffusion::CompareWithGolden(argv[1], argv[2]);
  if (!errors.ok()) {
    std::fprintf(stderr, "%s\n", errors.status().ToString().c_str());
    return 1;
  }
  for (const auto& error : *errors) {
    std::printf("%-14s %.3g\n", error.output.c_str(), error.relative);
  }
  return 0;
}
