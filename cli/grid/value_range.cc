#include "cli/grid/value_range.h"

#include <charconv>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom::cli {
namespace {

struct Range {
  double start = 0;
  double end = 0;
  std::optional<double> step;
  std::optional<double> count;
};

// Reads a text from its beginning.
class Scanner {
 public:
  Scanner(absl::string_view text, bool whole_numbers)
      : rest_(text), whole_numbers_(whole_numbers) {}

  bool Take(char c) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    return absl::ConsumePrefix(&rest_, absl::string_view(&c, 1));
  }

  std::optional<double> Number() {
    const bool negative = Take('-');
    if (!negative) Take('+');
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    std::size_t length = Digits(0);
    if (length == 0) return std::nullopt;
    if (!whole_numbers_ && length < rest_.size() && rest_[length] == '.') {
      length = Digits(length + 1);
    }
    double number = 0;
    if (!absl::SimpleAtod(rest_.substr(0, length), &number)) return std::nullopt;
    rest_.remove_prefix(length);
    return negative ? -number : number;
  }

  bool AtEnd() const { return absl::StripAsciiWhitespace(rest_).empty(); }

 private:
  // The end of the digits that begin at `from`.
  std::size_t Digits(std::size_t from) const {
    while (from < rest_.size() && absl::ascii_isdigit(static_cast<unsigned char>(rest_[from]))) {
      ++from;
    }
    return from;
  }

  absl::string_view rest_;
  const bool whole_numbers_;
};

std::optional<Range> ParseRange(absl::string_view text, bool whole_numbers) {
  Scanner scanner(text, whole_numbers);
  Range range;
  const std::optional<double> start = scanner.Number();
  if (!start.has_value() || !scanner.Take('-')) return std::nullopt;
  const std::optional<double> end = scanner.Number();
  if (!end.has_value()) return std::nullopt;
  if (scanner.Take('(')) {
    range.step = scanner.Number();
    if (!range.step.has_value() || !scanner.Take(')')) return std::nullopt;
  } else if (scanner.Take('[')) {
    range.count = scanner.Number();
    if (!range.count.has_value() || !scanner.Take(']')) return std::nullopt;
  }
  if (!scanner.AtEnd()) return std::nullopt;
  range.start = *start;
  range.end = *end;
  return range;
}

// With at most eight decimals, which is where sums of fractions show.
std::string NumberText(double number, bool whole_number) {
  constexpr double kDecimals = 1e8;
  if (!whole_number && std::abs(number) < 1e7) number = std::round(number * kDecimals) / kDecimals;
  if (whole_number) number = std::trunc(number);
  if (number == 0) number = 0;  // not "-0"
  char digits[400];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number, std::chars_format::fixed);
  return std::string(digits, end.ptr);
}

}  // namespace

absl::StatusOr<std::optional<std::vector<std::string>>> ExpandRange(absl::string_view text,
                                                                    bool whole_numbers) {
  const std::optional<Range> range = ParseRange(text, whole_numbers);
  if (!range.has_value()) return std::optional<std::vector<std::string>>();
  constexpr double kSlack = 1e-6;  // of a step, for sums of fractions
  double step = range->step.value_or(1);
  double count = 0;
  if (range->count.has_value()) {
    count = std::trunc(*range->count);
    step = count > 1 ? (range->end - range->start) / (count - 1) : 0;
  } else if (step != 0) {
    count = std::floor((range->end - range->start) / step + kSlack) + 1;
  }
  if (!(count >= 1)) {
    return absl::InvalidArgumentError(absl::StrCat("the range \"", text, "\" has no values"));
  }
  if (count > kMaxRangeValues) {
    return absl::InvalidArgumentError(absl::StrCat("the range \"", text, "\" has more than ",
                                                   kMaxRangeValues,
                                                   " values; give it a step, as in 1-1000 (+100)"));
  }
  std::vector<std::string> values;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    values.push_back(NumberText(range->start + i * step, whole_numbers));
  }
  return std::optional(std::move(values));
}

}  // namespace darkroom::cli
