#include "cli/text_tree.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace darkroom::cli {
namespace {

// `first` stands before the node's first line, `rest` before what follows.
void Draw(const TextTree& node, const std::string& first, const std::string& rest,
          std::string& text) {
  const std::string inner = absl::StrCat(rest, node.children.empty() ? "   " : "│  ");
  for (std::size_t i = 0; i < node.lines.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? first : inner, node.lines[i], "\n");
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    Draw(node.children[i], absl::StrCat(rest, last ? "└─ " : "├─ "),
         absl::StrCat(rest, last ? "   " : "│  "), text);
  }
}

}  // namespace

std::string DrawTree(const TextTree& tree) {
  std::string text;
  Draw(tree, "", "", text);
  return text;
}

std::vector<std::string> WrapWords(const std::vector<std::string>& words, absl::string_view gap,
                                   int columns) {
  std::vector<std::string> lines;
  int used = 0;
  for (const std::string& word : words) {
    const int width = CountCharacters(word);
    if (lines.empty() || used + static_cast<int>(gap.size()) + width > columns) {
      lines.push_back(word);
      used = width;
    } else {
      absl::StrAppend(&lines.back(), gap, word);
      used += static_cast<int>(gap.size()) + width;
    }
  }
  return lines;
}

int CountCharacters(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace darkroom::cli
