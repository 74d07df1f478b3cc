#include "prompt/edits.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "prompt/characters.h"

namespace darkroom::prompt {
namespace {

struct Number {
  double value = 0;
  bool has_point = false;
};

// The grammar's SIGNED_NUMBER, alone but for white space around it. ASCII only, as in the grammar.
// One too large for a double, which the reference fails on, is none.
std::optional<Number> ReadNumber(absl::string_view text) {
  text = StripSpace(text);
  Number number;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && absl::string_view("+-.eE").find(c) == absl::string_view::npos) {
      return std::nullopt;
    }
    number.has_point |= c == '.';
  }
  const std::optional<double> value = ParseFloat(text);
  if (!value.has_value() || !std::isfinite(*value)) return std::nullopt;
  number.value = *value;
  return number;
}

class EditParser {
 public:
  explicit EditParser(absl::string_view text) : text_(text) {}

  std::optional<std::vector<Edit>> Parse() {
    for (std::size_t at = 0; at < text_.size() && !failed_; ++at) {
      if (text_[at] == '\\') {
        ++at;
        failed_ |= at == text_.size() || text_[at] == '\n';
      } else {
        Take(at);
      }
    }
    AbandonOpen();
    if (failed_) return std::nullopt;
    std::sort(edits_.begin(), edits_.end(),
              [](const Edit& a, const Edit& b) { return a.range.begin < b.range.begin; });
    return std::move(edits_);
  }

 private:
  // A bracket that is open, and what separates its parts so far.
  struct Open {
    char bracket = '[';
    std::size_t begin = 0;
    std::vector<std::size_t> colons;
    std::vector<std::size_t> bars;
  };

  void Take(std::size_t at) {
    const char c = text_[at];
    if (c == '[' || c == '(') {
      open_.push_back({.bracket = c, .begin = at, .colons = {}, .bars = {}});
    } else if (c == ']' || c == ')') {
      if (!Close(at)) AbandonOpen();
    } else if (c == ':' && !open_.empty()) {
      open_.back().colons.push_back(at);
      const std::size_t allowed = open_.back().bracket == '[' ? 2 : 1;
      if (open_.back().colons.size() > allowed) AbandonOpen();
    } else if (c == '|') {
      // In no bracket, or in a round one, it can never become part of a rotation.
      failed_ |= open_.empty() || open_.back().bracket == '(';
      if (!failed_) open_.back().bars.push_back(at);
    }
  }

  // Ends the innermost construct with the bracket at `end`; false when they make none.
  bool Close(std::size_t end) {
    if (open_.empty()) return false;
    const Open& open = open_.back();
    const bool is_square = text_[end] == ']';
    if (is_square != (open.bracket == '[')) return false;
    if (is_square && !open.bars.empty()) {
      if (!open.colons.empty()) return false;
      AddRotate(open, end);
    } else if (is_square && !open.colons.empty()) {
      const std::size_t last = open.colons.back();
      const std::optional<Number> when = ReadNumber(text_.substr(last + 1, end - last - 1));
      if (!when.has_value()) return false;
      AddSwitch(open, end, *when);
    }
    open_.pop_back();
    return true;
  }

  void AddRotate(const Open& open, std::size_t end) {
    Edit edit = {.kind = Edit::Kind::kRotate, .range = {open.begin, end + 1}, .options = {}};
    std::size_t begin = open.begin + 1;
    for (const std::size_t bar : open.bars) {
      edit.options.push_back({begin, bar});
      begin = bar + 1;
    }
    edit.options.push_back({begin, end});
    edits_.push_back(std::move(edit));
  }

  void AddSwitch(const Open& open, std::size_t end, const Number& when) {
    const std::size_t begin = open.begin + 1;
    const std::size_t first = open.colons.front();
    std::vector<TextRange> options = {{begin, begin}, {begin, first}};
    if (open.colons.size() == 2) options = {{begin, first}, {first + 1, open.colons.back()}};
    edits_.push_back({.kind = Edit::Kind::kSwitch,
                      .range = {open.begin, end + 1},
                      .options = std::move(options),
                      .when = when.value,
                      .is_fraction = when.has_point});
  }

  // A stray character makes text of every bracket around it, for strays stand only at the top.
  void AbandonOpen() {
    for (const Open& open : open_) failed_ |= !open.bars.empty();
    open_.clear();
  }

  const absl::string_view text_;
  bool failed_ = false;
  std::vector<Open> open_;
  std::vector<Edit> edits_;
};

}  // namespace

std::optional<std::vector<Edit>> ParseEdits(absl::string_view text) {
  return EditParser(text).Parse();
}

}  // namespace darkroom::prompt
