// Reads arbitrary bytes as an infotext and as a PNG file, and checks what infotext.h promises: that
// a text which was read and written once is read and written the same for ever.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "infotext/infotext.h"
#include "infotext/png_text.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckText(absl::string_view text) {
  using darkroom::infotext::FormatInfotext;
  using darkroom::infotext::ImageParameters;
  using darkroom::infotext::ParseInfotext;
  ImageParameters parameters = ParseInfotext(text);
  // A line of pairs must be recognised as one.
  parameters.steps = 1;
  parameters.seed = 2;
  const ImageParameters read = ParseInfotext(FormatInfotext(parameters));
  // The format has no way to keep such a line: it loses the mark at every reading.
  const std::string lines = absl::StrCat("\n", read.prompt, "\n", read.negative_prompt);
  if (absl::StrContains(lines, "\nNegative prompt:")) return;
  const std::string written = FormatInfotext(read);
  Require(ParseInfotext(written) == read);
  Require(FormatInfotext(ParseInfotext(written)) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckText(bytes);
  const auto parameters = darkroom::infotext::ReadPngParameters(bytes);
  if (parameters.ok()) CheckText(*parameters);
  return 0;
}
