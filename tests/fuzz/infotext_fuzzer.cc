// Reads arbitrary bytes as an infotext and as a PNG file, and checks what infotext.h promises: that
// a text which was read and written once is read and written the same for ever.

#include <libdeflate.h>

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

std::string BigEndian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string Chunk(absl::string_view type, absl::string_view data) {
  const std::string checked = absl::StrCat(type, data);
  return absl::StrCat(BigEndian(static_cast<std::uint32_t>(data.size())), checked,
                      BigEndian(libdeflate_crc32(0, checked.data(), checked.size())));
}

// A file whose text chunk is `data`: checksums that no fuzzer finds.
std::string PngFile(absl::string_view type, absl::string_view data) {
  constexpr absl::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  constexpr absl::string_view kKeyword("parameters\0", 11);
  return absl::StrCat(kSignature, Chunk(type, absl::StrCat(kKeyword, data)), Chunk("IEND", ""));
}

void CheckPng(absl::string_view png) {
  const auto parameters = darkroom::infotext::ReadPngParameters(png);
  if (parameters.ok()) CheckText(*parameters);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckText(bytes);
  CheckPng(bytes);
  for (const absl::string_view type : {"tEXt", "zTXt", "iTXt"}) CheckPng(PngFile(type, bytes));
  return 0;
}
