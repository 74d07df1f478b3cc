#include "infotext/whitespace.h"

#include "absl/strings/match.h"

namespace darkroom::infotext {
namespace {

constexpr absl::string_view kSpaces[] = {
    " ",
    "\t",
    "\n",
    "\v",
    "\f",
    "\r",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    "\xc2\x85",      // next line
    "\xc2\xa0",      // no-break space
    "\xe1\x9a\x80",  // ogham space mark
    "\xe2\x80\x80",
    "\xe2\x80\x81",
    "\xe2\x80\x82",
    "\xe2\x80\x83",
    "\xe2\x80\x84",
    "\xe2\x80\x85",
    "\xe2\x80\x86",
    "\xe2\x80\x87",
    "\xe2\x80\x88",
    "\xe2\x80\x89",
    "\xe2\x80\x8a",  // en quad …
    "\xe2\x80\xa8",  // line separator
    "\xe2\x80\xa9",  // paragraph separator
    "\xe2\x80\xaf",  // narrow no-break space
    "\xe2\x81\x9f",  // medium mathematical space
    "\xe3\x80\x80",  // ideographic space
};

std::size_t TrailingSpace(absl::string_view text) {
  for (const absl::string_view space : kSpaces) {
    if (absl::EndsWith(text, space)) return space.size();
  }
  return 0;
}

}  // namespace

std::size_t LeadingSpace(absl::string_view text) {
  for (const absl::string_view space : kSpaces) {
    if (absl::StartsWith(text, space)) return space.size();
  }
  return 0;
}

absl::string_view Strip(absl::string_view text) {
  while (const std::size_t size = LeadingSpace(text)) text.remove_prefix(size);
  while (const std::size_t size = TrailingSpace(text)) text.remove_suffix(size);
  return text;
}

}  // namespace darkroom::infotext
