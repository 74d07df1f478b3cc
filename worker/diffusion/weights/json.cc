#include "worker/diffusion/weights/json.h"

#include <cstddef>
#include <system_error>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/utf8.h"

namespace darkroom::diffusion {
namespace {

// Below this many members a scan finds duplicates faster than a set.
constexpr std::size_t kSmallObject = 8;

class Parser {
 public:
  Parser(absl::string_view text, const Json::Limits& limits) : text_(text), limits_(limits) {}

  absl::StatusOr<Json> Document() {
    DARKROOM_ASSIGN_OR_RETURN(Json value, Value(0));
    SkipSpace();
    if (at_ != text_.size()) return Error("more than one value");
    return value;
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("JSON: ", what, " at byte ", at_));
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           absl::string_view(" \t\r\n").find(text_[at_]) != absl::string_view::npos) {
      ++at_;
    }
  }

  bool Consume(absl::string_view token) {
    if (!absl::StartsWith(text_.substr(at_), token)) return false;
    at_ += token.size();
    return true;
  }

  absl::StatusOr<Json> Value(int depth) {
    if (++values_ > limits_.values) return Error("too many values");
    SkipSpace();
    if (at_ == text_.size()) return Error("a value is missing");
    switch (text_[at_]) {
      case '{':
        return depth < limits_.depth ? ObjectValue(depth + 1) : Error("nested too deeply");
      case '[':
        return depth < limits_.depth ? ArrayValue(depth + 1) : Error("nested too deeply");
      case '"': {
        DARKROOM_ASSIGN_OR_RETURN(std::string value, String());
        return Json(std::move(value));
      }
      default:
        break;
    }
    if (Consume("true")) return Json(true);
    if (Consume("false")) return Json(false);
    if (Consume("null")) return Json();
    return Number();
  }

  absl::StatusOr<Json> ArrayValue(int depth) {
    ++at_;
    Json::Array array;
    SkipSpace();
    if (Consume("]")) return Json(std::move(array));
    while (true) {
      DARKROOM_ASSIGN_OR_RETURN(Json value, Value(depth));
      array.push_back(std::move(value));
      SkipSpace();
      if (Consume("]")) return Json(std::move(array));
      if (!Consume(",")) return Error("expected ',' or ']'");
    }
  }

  absl::StatusOr<Json> ObjectValue(int depth) {
    ++at_;
    Json::Object object;
    absl::flat_hash_set<std::string> names;
    SkipSpace();
    if (Consume("}")) return Json(std::move(object));
    while (true) {
      SkipSpace();
      if (at_ == text_.size() || text_[at_] != '"') return Error("expected a member name");
      DARKROOM_ASSIGN_OR_RETURN(std::string name, String());
      if (!AddName(name, object, &names)) {
        return Error(absl::StrCat("duplicate member '", name, "'"));
      }
      SkipSpace();
      if (!Consume(":")) return Error("expected ':'");
      DARKROOM_ASSIGN_OR_RETURN(Json value, Value(depth));
      object.emplace_back(std::move(name), std::move(value));
      SkipSpace();
      if (Consume("}")) return Json(std::move(object));
      if (!Consume(",")) return Error("expected ',' or '}'");
    }
  }

  // False where the object has the name already. The set is filled only for large objects.
  static bool AddName(const std::string& name, const Json::Object& object,
                      absl::flat_hash_set<std::string>* names) {
    if (object.size() < kSmallObject) {
      for (const auto& [existing, value] : object) {
        if (existing == name) return false;
      }
      return true;
    }
    if (names->empty()) {
      for (const auto& [existing, value] : object) names->insert(existing);
    }
    return names->insert(name).second;
  }

  absl::StatusOr<std::string> String() {
    ++at_;
    std::string value;
    while (true) {
      const std::size_t start = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20) {
        ++at_;
      }
      value.append(text_.data() + start, at_ - start);
      if (Consume("\"")) return value;
      if (!Consume("\\")) return Error("a string is not closed, or has a control character");
      DARKROOM_RETURN_IF_ERROR(Escape(&value));
    }
  }

  absl::Status Escape(std::string* value) {
    if (at_ == text_.size()) return Error("a string is not closed");
    const absl::string_view letters = "\"\\/bfnrt";
    const absl::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = text_[at_++];
    if (const std::size_t found = letters.find(letter); found != absl::string_view::npos) {
      value->push_back(meanings[found]);
      return absl::OkStatus();
    }
    if (letter != 'u') return Error("unknown escape");
    DARKROOM_ASSIGN_OR_RETURN(char32_t unit, FourHexDigits());
    if (unit >= 0xD800 && unit < 0xDC00) {
      if (!Consume("\\u")) return Error("half a surrogate pair");
      DARKROOM_ASSIGN_OR_RETURN(const char32_t low, FourHexDigits());
      if (low < 0xDC00 || low > 0xDFFF) return Error("half a surrogate pair");
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit < 0xE000) {
      return Error("half a surrogate pair");
    }
    AppendUtf8(unit, value);
    return absl::OkStatus();
  }

  absl::StatusOr<char32_t> FourHexDigits() {
    char32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text_[at_]))) {
        return Error("expected four hexadecimal digits");
      }
      const char digit = absl::ascii_tolower(static_cast<unsigned char>(text_[at_]));
      unit = unit * 16 + static_cast<char32_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return unit;
  }

  bool Digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ > start;
  }

  absl::StatusOr<Json> Number() {
    const std::size_t start = at_;
    bool whole = true;
    Consume("-");
    if (!Consume("0") && !Digits()) return Error("unexpected character");
    if (Consume(".")) {
      whole = false;
      if (!Digits()) return Error("a fraction has no digits");
    }
    if (Consume("e") || Consume("E")) {
      whole = false;
      if (!Consume("+")) Consume("-");
      if (!Digits()) return Error("an exponent has no digits");
    }
    const absl::string_view digits = text_.substr(start, at_ - start);
    std::int64_t integer = 0;
    if (whole && absl::SimpleAtoi(digits, &integer)) return Json(integer);
    double number = 0;
    const auto result = absl::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (result.ec != std::errc()) return Error("a number is out of range");
    return Json(number);
  }

  const absl::string_view text_;
  const Json::Limits& limits_;
  std::size_t at_ = 0;
  std::int64_t values_ = 0;
};

}  // namespace

absl::StatusOr<Json> Json::Parse(absl::string_view text, const Limits& limits) {
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError("JSON: not valid UTF-8");
  return Parser(text, limits).Document();
}

std::optional<double> Json::number() const {
  if (const auto* whole = integer()) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value_)) return *number;
  return std::nullopt;
}

const Json* Json::Find(absl::string_view name) const {
  if (object() == nullptr) return nullptr;
  for (const Member& member : *object()) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

}  // namespace darkroom::diffusion
