#include "prompt/attention.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "common/unicode.h"
#include "common/utf8.h"
#include "prompt/characters.h"

namespace darkroom::prompt {
namespace {

constexpr absl::string_view kBreak = "BREAK";
constexpr double kBreakWeight = -1;
constexpr double kRound = 1.1;
constexpr double kSquare = 1 / 1.1;
constexpr absl::string_view kSpecial = "\\()[]:";

// The end of [+-]?[.\d]+ from `position`; `position` where there is none.
std::size_t WeightEnd(absl::string_view text, std::size_t position) {
  const std::size_t begin = position;
  if (position < text.size() && (text[position] == '+' || text[position] == '-')) ++position;
  std::size_t end = position;
  for (std::size_t next = end; next < text.size(); end = next) {
    const char32_t code_point = DecodeUtf8(text, &next);
    if (code_point != U'.' && DecimalDigit(code_point) < 0) break;
  }
  return end == position ? begin : end;
}

class AttentionParser {
 public:
  explicit AttentionParser(absl::string_view text) : text_(text) {}

  Attention Parse() {
    while (position_ < text_.size()) Take();
    result_.unclosed = static_cast<int>(round_.size() + square_.size());
    for (const std::size_t first : round_) Multiply(first, kRound);
    for (const std::size_t first : square_) Multiply(first, kSquare);
    MergeEqualWeights();
    return std::move(result_);
  }

 private:
  void Take() {
    switch (text_[position_]) {
      case '\\':
        return TakeEscape();
      case '(':
        ++position_;
        return round_.push_back(texts_.size());
      case '[':
        ++position_;
        return square_.push_back(texts_.size());
      case ')':
        return TakeCloser(&round_, kRound);
      case ']':
        return TakeCloser(&square_, kSquare);
      case ':':
        if (!TakeWeight()) AddText(1);
        return;
      default:
        AddText(std::min(text_.find_first_of(kSpecial, position_), text_.size()) - position_);
    }
  }

  void TakeEscape() {
    const bool escapes = position_ + 1 < text_.size() &&
                         kSpecial.substr(0, 5).find(text_[position_ + 1]) != kSpecial.npos;
    // Alone it still makes an empty piece: it may stand between two that would be merged.
    Add(escapes ? text_.substr(position_ + 1, 1) : "", 1);
    position_ += escapes ? 2 : 1;
  }

  void TakeCloser(std::vector<std::size_t>* open, double factor) {
    if (open->empty()) {
      ++result_.stray;
      return AddText(1);
    }
    Multiply(open->back(), factor);
    open->pop_back();
    ++position_;
  }

  // ":1.2)", which closes a bracket. Without one it is text, which the rest of the parser makes it.
  bool TakeWeight() {
    const std::size_t begin = SpaceEnd(text_, position_ + 1);
    const std::size_t end = WeightEnd(text_, begin);
    const std::size_t closer = SpaceEnd(text_, end);
    const bool is_weight = end > begin && closer < text_.size() && text_[closer] == ')';
    if (!is_weight || round_.empty()) return false;
    const std::optional<double> weight = ParseFloat(text_.substr(begin, end - begin));
    if (!weight.has_value()) {
      ++result_.malformed;
      return false;
    }
    Multiply(round_.back(), *weight);
    round_.pop_back();
    position_ = closer + 1;
    return true;
  }

  void AddText(std::size_t length) {
    const absl::string_view text = text_.substr(position_, length);
    position_ += length;
    std::size_t begin = 0;
    for (std::size_t at = FindWord(text, kBreak, 0); at != text.npos;
         at = FindWord(text, kBreak, begin)) {
      const std::size_t end = std::max(begin, SpaceBegin(text, at));
      Add(text.substr(begin, end - begin), 1);
      Add(kBreak, kBreakWeight);
      begin = SpaceEnd(text, at + kBreak.size());
    }
    Add(text.substr(begin), 1);
  }

  void Add(absl::string_view text, double weight) {
    texts_.emplace_back(text);
    weights_.push_back(weight);
  }

  void Multiply(std::size_t first, double factor) {
    for (std::size_t i = first; i < weights_.size(); ++i) weights_[i] *= factor;
  }

  void MergeEqualWeights() {
    std::vector<WeightedText>& pieces = result_.pieces;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (!pieces.empty() && pieces.back().weight == weights_[i]) {
        pieces.back().text += texts_[i];
      } else {
        pieces.push_back({std::move(texts_[i]), weights_[i]});
      }
    }
    if (pieces.empty()) pieces.push_back({"", 1});
  }

  const absl::string_view text_;
  std::size_t position_ = 0;
  Attention result_;
  std::vector<std::string> texts_;  // the pieces; weights apart, which are multiplied often
  std::vector<double> weights_;
  std::vector<std::size_t> round_;  // for each open bracket, the first piece inside
  std::vector<std::size_t> square_;
};

}  // namespace

Attention ParseAttention(absl::string_view text) { return AttentionParser(text).Parse(); }

bool IsBreak(const WeightedText& piece) {
  return piece.text == kBreak && piece.weight == kBreakWeight;
}

}  // namespace darkroom::prompt
