#include "common/unicode.h"

#include <algorithm>
#include <utility>

#include "common/unicode_tables.h"

namespace darkroom {
namespace {

// Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTrails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTrailCount = 28;  // trail 0: none
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTrailCount;

// The entry whose range has the code point, or null.
template <typename Range>
const Range* FindRange(absl::Span<const Range> ranges, char32_t code_point) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code_point,
                       [](char32_t value, const Range& range) { return value < range.first; });
  if (after == ranges.begin()) return nullptr;
  const Range& range = *(after - 1);
  return code_point <= range.last ? &range : nullptr;
}

// The entry of exactly this code point, or null.
template <typename Row>
const Row* FindRow(absl::Span<const Row> rows, char32_t code_point) {
  const auto found =
      std::lower_bound(rows.begin(), rows.end(), code_point,
                       [](const Row& row, char32_t value) { return row.from < value; });
  return found != rows.end() && found->from == code_point ? &*found : nullptr;
}

unsigned char CombiningClass(char32_t code_point) {
  const CombiningRange* range = FindRange(kCombiningClasses, code_point);
  return range == nullptr ? 0 : range->combining_class;
}

void AppendDecomposed(char32_t code_point, std::u32string* text) {
  if (code_point >= kSyllables && code_point < kSyllables + kSyllableCount) {
    const char32_t index = code_point - kSyllables;
    text->push_back(kLeads + index / (kVowelCount * kTrailCount));
    text->push_back(kVowels + index / kTrailCount % kVowelCount);
    if (index % kTrailCount != 0) text->push_back(kTrails + index % kTrailCount);
    return;
  }
  const Decomposition* row = FindRow(kDecompositions, code_point);
  if (row == nullptr) {
    text->push_back(code_point);
    return;
  }
  AppendDecomposed(row->first, text);
  if (row->second != 0) AppendDecomposed(row->second, text);
}

// Sorts each run of combining characters by class, stably.
void OrderCanonically(std::u32string* text) {
  for (auto run = text->begin(); run != text->end();) {
    if (CombiningClass(*run) == 0) {
      ++run;
      continue;
    }
    const auto end =
        std::find_if(run, text->end(), [](char32_t c) { return CombiningClass(c) == 0; });
    std::stable_sort(run, end,
                     [](char32_t a, char32_t b) { return CombiningClass(a) < CombiningClass(b); });
    run = end;
  }
}

// What the two compose to, or 0.
char32_t Compose(char32_t first, char32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels &&
      second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTrailCount;
  }
  if (first >= kSyllables && first < kSyllables + kSyllableCount &&
      (first - kSyllables) % kTrailCount == 0 && second > kTrails &&
      second < kTrails + kTrailCount) {
    return first + (second - kTrails);
  }
  const auto found =
      std::lower_bound(kCompositions.begin(), kCompositions.end(), std::pair(first, second),
                       [](const Composition& row, const auto& wanted) {
                         return std::pair(row.first, row.second) < wanted;
                       });
  const bool exists =
      found != kCompositions.end() && found->first == first && found->second == second;
  return exists ? found->composed : 0;
}

}  // namespace

bool IsLetter(char32_t code_point) { return FindRange(kLetters, code_point) != nullptr; }
bool IsNumber(char32_t code_point) { return FindRange(kNumbers, code_point) != nullptr; }
bool IsSpace(char32_t code_point) { return FindRange(kSpaces, code_point) != nullptr; }

int DecimalDigit(char32_t code_point) {
  const auto after =
      std::upper_bound(kDecimalZeros.begin(), kDecimalZeros.end(), code_point,
                       [](char32_t value, const DecimalZero& zero) { return value < zero.first; });
  if (after == kDecimalZeros.begin()) return -1;
  const char32_t value = code_point - (after - 1)->first;
  return value < 10 ? static_cast<int>(value) : -1;
}

void AppendLowerCase(char32_t code_point, std::u32string* text) {
  const LowerCase* row = FindRow(kLowerCases, code_point);
  text->push_back(row == nullptr ? code_point : row->to);
  if (row != nullptr && row->then != 0) text->push_back(row->then);
}

std::u32string NormalizeNfc(const std::u32string& text) {
  std::u32string decomposed;
  decomposed.reserve(text.size());
  for (const char32_t code_point : text) AppendDecomposed(code_point, &decomposed);
  OrderCanonically(&decomposed);

  std::u32string composed;
  composed.reserve(decomposed.size());
  std::size_t starter = std::u32string::npos;  // place of the last one of class 0
  int previous_class = -1;                     // of what was kept behind the starter; -1: nothing
  for (const char32_t code_point : decomposed) {
    const int combining_class = CombiningClass(code_point);
    // Blocked when something of the same or a higher class, or a starter, stands between.
    if (starter != std::u32string::npos && previous_class < combining_class) {
      if (const char32_t both = Compose(composed[starter], code_point); both != 0) {
        composed[starter] = both;
        continue;
      }
    }
    if (combining_class == 0) {
      starter = composed.size();
      previous_class = -1;
    } else {
      previous_class = combining_class;
    }
    composed.push_back(code_point);
  }
  return composed;
}

}  // namespace darkroom
