#include "cli/grid/text_fit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/utf8.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kEllipsis = "…";

// The longest beginning of whole characters, at least one, that is no wider than `width`.
absl::string_view Beginning(absl::string_view text, int letters, int width, TextWidth width_of) {
  std::size_t end = 0;
  DecodeUtf8(text, &end);
  while (end < text.size()) {
    std::size_t next = end;
    DecodeUtf8(text, &next);
    if (width_of(text.substr(0, next), letters) > width) break;
    end = next;
  }
  return text.substr(0, end);
}

std::vector<std::string> Wrap(const std::vector<std::string>& words, int letters, int width,
                              TextWidth width_of) {
  std::vector<std::string> lines;
  for (const std::string& word : words) {
    if (!lines.empty() && width_of(absl::StrCat(lines.back(), " ", word), letters) <= width) {
      absl::StrAppend(&lines.back(), " ", word);
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::vector<std::string> BreakWords(const std::vector<std::string>& words, int letters, int width,
                                    TextWidth width_of) {
  std::vector<std::string> pieces;
  for (const std::string& word : words) {
    absl::string_view rest = word;
    while (!rest.empty()) {
      const absl::string_view piece = Beginning(rest, letters, width, width_of);
      pieces.emplace_back(piece);
      rest.remove_prefix(piece.size());
    }
  }
  return pieces;
}

FittedText Measured(std::vector<std::string> lines, int letters, TextWidth width_of) {
  FittedText fitted;
  for (const std::string& line : lines) {
    fitted.width = std::max(fitted.width, width_of(line, letters));
  }
  fitted.letters = letters;
  fitted.height = static_cast<int>(lines.size()) * LineHeight(letters);
  fitted.lines = std::move(lines);
  return fitted;
}

void Cut(std::vector<std::string>& lines, int letters, const TextRoom& room, TextWidth width_of) {
  const int most = std::max(1, room.height / LineHeight(letters));
  if (static_cast<int>(lines.size()) <= most) return;
  lines.resize(static_cast<std::size_t>(most));
  std::string& last = lines.back();
  const int left = room.width - width_of(kEllipsis, letters);
  if (width_of(last, letters) > left) last = std::string(Beginning(last, letters, left, width_of));
  absl::StrAppend(&last, kEllipsis);
}

}  // namespace

int LineHeight(int letters) { return (letters * 5 + 3) / 4; }

FittedText FitText(absl::string_view text, const TextRoom& room, TextWidth width_of) {
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\r\n\f\v"), absl::SkipEmpty());
  for (int letters = room.largest; letters >= room.smallest; --letters) {
    FittedText fitted = Measured(Wrap(words, letters, room.width, width_of), letters, width_of);
    if (fitted.width <= room.width && fitted.height <= room.height) return fitted;
  }
  const int letters = room.smallest;
  std::vector<std::string> lines =
      Wrap(BreakWords(words, letters, room.width, width_of), letters, room.width, width_of);
  Cut(lines, letters, room, width_of);
  return Measured(std::move(lines), letters, width_of);
}

}  // namespace darkroom::cli
