#include "prompt/comments.h"

#include <cstddef>

namespace darkroom::prompt {
namespace {

// Takes out the comments that fill their lines, with the line feed before them. Of two such lines
// in a row this leaves the second, whose line feed went with the first.
std::string StripWholeLines(absl::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool feed_first = text[at] == '\n' && at + 1 < text.size() && text[at + 1] == '#';
    if (!feed_first && !(at == 0 && text[at] == '#')) {
      result.push_back(text[at++]);
      continue;
    }
    const std::size_t feed = text.find('\n', at + 1);
    result.push_back('\n');
    if (feed == text.npos) break;
    at = feed + 1;
  }
  return result;
}

}  // namespace

std::string StripComments(absl::string_view text) {
  const std::string lines = StripWholeLines(text);
  std::string result;
  for (std::size_t at = 0; at < lines.size();) {
    if (lines[at] != '#') {
      result.push_back(lines[at++]);
      continue;
    }
    const std::size_t feed = lines.find('\n', at);
    result.push_back('\n');
    if (feed == std::string::npos) break;
    at = feed + 1;
  }
  return result;
}

}  // namespace darkroom::prompt
