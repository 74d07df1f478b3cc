#ifndef DARKROOM_TESTS_INTEGRATION_PNG_CHECK_H_
#define DARKROOM_TESTS_INTEGRATION_PNG_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::testing {

struct DecodedPng {
  int width = 0;
  int height = 0;
  std::string pixels;      // 8-bit RGB
  std::string parameters;  // of the text chunk with that keyword
};

// Decodes with libpng, an implementation other than the one that wrote it.
absl::StatusOr<DecodedPng> DecodePng(absl::string_view bytes);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_PNG_CHECK_H_
