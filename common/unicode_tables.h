#ifndef DARKROOM_COMMON_UNICODE_TABLES_H_
#define DARKROOM_COMMON_UNICODE_TABLES_H_

#include "absl/types/span.h"

namespace darkroom {

// The Unicode data behind unicode.h. Every table is sorted by its first column, kCompositions by
// its first two.

struct CodePointRange {
  char32_t first;
  char32_t last;
};

struct DecimalZero {
  char32_t first;
};

struct LowerCase {
  char32_t from;
  char32_t to;
  char32_t then;  // a second code point, or 0
};

struct CombiningRange {
  char32_t first;
  char32_t last;
  unsigned char combining_class;  // of code points in no range it is 0
};

// Canonical, one level: the first part may have a decomposition of its own.
struct Decomposition {
  char32_t from;
  char32_t first;
  char32_t second;  // 0 where there is one part
};

struct Composition {
  char32_t first;
  char32_t second;
  char32_t composed;
};

extern const absl::Span<const CodePointRange> kLetters;  // general category L
extern const absl::Span<const CodePointRange> kNumbers;  // general category N
extern const absl::Span<const CodePointRange> kSpaces;   // property White_Space
// The digit zero of every script; the nine others follow it (general category Nd).
extern const absl::Span<const DecimalZero> kDecimalZeros;
extern const absl::Span<const LowerCase> kLowerCases;
extern const absl::Span<const CombiningRange> kCombiningClasses;
extern const absl::Span<const Decomposition> kDecompositions;
extern const absl::Span<const Composition> kCompositions;

}  // namespace darkroom

#endif  // DARKROOM_COMMON_UNICODE_TABLES_H_
