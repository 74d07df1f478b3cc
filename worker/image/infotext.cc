#include "worker/image/infotext.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace darkroom::worker {
namespace {

// The shortest digits that give the number back: 7, 7.5.
std::string FormatNumber(double value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  return std::string(digits, end.ptr);
}

void AppendPair(std::string& line, absl::string_view key, const absl::AlphaNum& value) {
  absl::StrAppend(&line, line.empty() ? "" : ", ", key, ": ", QuoteInfotextValue(value.Piece()));
}

}  // namespace

std::string QuoteInfotextValue(absl::string_view value) {
  if (value.find_first_of(",:\"\r\n") == absl::string_view::npos) return std::string(value);
  std::string quoted = "\"";
  for (char c : value) {
    switch (c) {
      case '"':
      case '\\':
        absl::StrAppend(&quoted, "\\", absl::string_view(&c, 1));
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
          absl::StrAppendFormat(&quoted, "\\u%04x", c);
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

std::string FormatInfotext(const ImageFacts& facts) {
  std::string line;
  AppendPair(line, "Steps", facts.steps);
  AppendPair(line, "Sampler", facts.sampler);
  AppendPair(line, "Schedule type", facts.schedule);
  AppendPair(line, "CFG scale", FormatNumber(facts.guidance_scale));
  AppendPair(line, "Seed", facts.seed);
  AppendPair(line, "Size", absl::StrCat(facts.width, "x", facts.height));
  AppendPair(line, "Model hash", facts.model_hash);
  AppendPair(line, "Model", facts.model);
  if (facts.clip_skip > 1) AppendPair(line, "Clip skip", facts.clip_skip);
  AppendPair(line, "RNG", facts.noise_source);
  AppendPair(line, "Version", facts.version);
  std::string text = facts.prompt;
  if (!facts.negative_prompt.empty()) {
    absl::StrAppend(&text, "\nNegative prompt: ", facts.negative_prompt);
  }
  absl::StrAppend(&text, "\n", line);
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace darkroom::worker
