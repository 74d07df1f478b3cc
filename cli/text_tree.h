#ifndef DARKROOM_CLI_TEXT_TREE_H_
#define DARKROOM_CLI_TEXT_TREE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::cli {

// A line with lines below it.
struct TextTree {
  std::vector<std::string> lines;  // the node's own; the first has the branch before it
  std::vector<TextTree> children = {};
};

// Draws a tree as lines, each ending in a line feed:
//   Prompt
//   ├─ steps 1-11: a cat
//   │  └─ 2 of 75 tokens
//   └─ steps 12-20: a dog
std::string DrawTree(const TextTree& tree);

// Words joined by `gap`, on lines of at most `columns` characters; a longer word has a line of its
// own.
std::vector<std::string> WrapWords(const std::vector<std::string>& words, absl::string_view gap,
                                   int columns);

// Code points of a UTF-8 text, which is what most terminals give a column each.
int CountCharacters(absl::string_view text);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_TEXT_TREE_H_
