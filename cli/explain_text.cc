#include "cli/explain_text.h"

#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/job_text.h"
#include "cli/text_tree.h"

namespace darkroom::cli {
namespace {

namespace v1 = darkroom::v1;

constexpr int kChunkTokens = 75;
constexpr int kIndent = 12;  // of tokens: four branches
constexpr std::size_t kMostRanges = 8;
constexpr absl::string_view kBold = "\x1b[1m";
constexpr absl::string_view kYellow = "\x1b[33m";
constexpr absl::string_view kPlain = "\x1b[0m";

// Without control characters, which a terminal would obey.
std::string Printable(absl::string_view text) {
  return Shortened(text, std::numeric_limits<std::size_t>::max());
}

// "×1.21", nothing for 1.
std::string WeightText(double weight) {
  const std::string digits = absl::StrFormat("%.4g", weight);
  return digits == "1" ? "" : absl::StrCat("×", digits);
}

// The vectors of one embedding from a token on: "{bad hands: 3}×1.1". Moves to the last of them.
std::string EmbeddingText(const v1::PromptChunk& chunk, int* token) {
  const v1::PromptToken& first = chunk.tokens(*token);
  int end = *token;
  while (end < chunk.tokens_size() && chunk.tokens(end).embedding() == first.embedding()) ++end;
  const int vectors = end - *token;
  *token = end - 1;
  return absl::StrCat("{", Printable(first.embedding()), ": ", vectors, "}",
                      WeightText(first.weight()));
}

// The tokens of each word joined by "·", with their weight where it changes: "hed·ge·hog×1.1".
std::vector<std::string> Words(const v1::PromptChunk& chunk) {
  std::vector<std::string> words;
  bool in_word = false;
  for (int i = 0; i < chunk.tokens_size(); ++i) {
    const v1::PromptToken& token = chunk.tokens(i);
    if (!token.embedding().empty()) {
      words.push_back(EmbeddingText(chunk, &i));
      in_word = false;
      continue;
    }
    const bool ends_word = absl::EndsWith(token.text(), " ") || i + 1 == chunk.tokens_size();
    std::string text = Printable(absl::StripSuffix(token.text(), " "));
    if (ends_word || WeightText(chunk.tokens(i + 1).weight()) != WeightText(token.weight())) {
      absl::StrAppend(&text, WeightText(token.weight()));
    }
    if (in_word) {
      absl::StrAppend(&words.back(), "·", text);
    } else {
      words.push_back(std::move(text));
    }
    in_word = !ends_word;
  }
  return words;
}

class Explainer {
 public:
  Explainer(const v1::ExplainPromptResponse& explanation, const ExplainStyle& style)
      : explanation_(explanation),
        style_(style),
        calls_are_steps_(explanation.denoiser_calls() == explanation.parameters().steps()) {}

  std::string Heading() const {
    const v1::ImageParameters& parameters = explanation_.parameters();
    std::string text = absl::StrCat(parameters.model(), ", ", parameters.sampler(), ", ",
                                    parameters.schedule(), ", ", parameters.steps(), " steps");
    if (!calls_are_steps_) {
      absl::StrAppend(&text, ", which call the denoiser ", explanation_.denoiser_calls(), " times");
    }
    return text;
  }

  std::string Prompt(absl::string_view title, const v1::PromptExplanation& prompt) const {
    TextTree root = {{Coloured(kBold, title)}};
    for (int i = 0; i < prompt.parts_size(); ++i) {
      const v1::PromptPart& part = prompt.parts(i);
      const bool alone = prompt.parts_size() == 1 && WeightText(part.weight()).empty();
      TextTree node = Part(part);
      if (alone) {  // a level that says nothing
        root.children = std::move(node.children);
      } else {
        node.lines = {absl::StrCat("part ", i + 1, WeightText(part.weight()))};
        root.children.push_back(std::move(node));
      }
    }
    for (const v1::ExtraNetwork& network : prompt.extra_networks()) {
      root.children.push_back({{NetworkText(network)}});
    }
    for (const std::string& warning : prompt.warnings()) {
      root.children.push_back({{Coloured(kYellow, absl::StrCat("warning: ", Printable(warning)))}});
    }
    return DrawTree(root);
  }

 private:
  std::string Coloured(absl::string_view colour, absl::string_view text) const {
    return style_.colours ? absl::StrCat(colour, text, kPlain) : std::string(text);
  }

  TextTree Part(const v1::PromptPart& part) const {
    TextTree node;
    for (int i = 0; i < part.texts_size(); ++i) {
      const v1::PromptText& text = part.texts(i);
      TextTree child = {Wrapped(WhenText(part, i), text.text())};
      for (int j = 0; j < text.chunks_size(); ++j) {
        child.children.push_back(Chunk(text, j));
      }
      if (text.chunks().empty()) {
        child.children.push_back({{"too long to show its tokens"}});
      }
      node.children.push_back(std::move(child));
    }
    if (part.literal()) {
      node.children.push_back(
          {{Coloured(kYellow, "its brackets could not be read as edits: they are text")}});
    }
    return node;
  }

  std::vector<std::string> Wrapped(absl::string_view when, absl::string_view text) const {
    const std::string whole = absl::StrCat(when, Printable(text));
    const std::vector<std::string> words = absl::StrSplit(whole, ' ', absl::SkipEmpty());
    std::vector<std::string> lines = WrapWords(words, " ", style_.columns - kIndent);
    if (absl::StripAsciiWhitespace(text).empty()) lines = {absl::StrCat(when, "(empty)")};
    return lines;
  }

  // "steps 1-11: "; nothing where the text is read throughout.
  std::string WhenText(const v1::PromptPart& part, int text) const {
    std::vector<std::string> ranges;
    for (const v1::PromptEntry& entry : part.entries()) {
      if (entry.text_index() != text || entry.end_call() <= entry.first_call()) continue;
      if (entry.first_call() == 0 && entry.end_call() >= explanation_.denoiser_calls()) return "";
      ranges.push_back(entry.end_call() == entry.first_call() + 1
                           ? absl::StrCat(entry.end_call())
                           : absl::StrCat(entry.first_call() + 1, "-", entry.end_call()));
    }
    if (ranges.empty()) return "never: ";
    if (ranges.size() > kMostRanges) {
      ranges[kMostRanges - 1] = "…";
      ranges.erase(ranges.begin() + kMostRanges, ranges.end() - 1);
    }
    const bool one = ranges.size() == 1 && ranges[0].find('-') == std::string::npos;
    return absl::StrCat(calls_are_steps_ ? "step" : "call", one ? " " : "s ",
                        absl::StrJoin(ranges, ", "), ": ");
  }

  TextTree Chunk(const v1::PromptText& text, int index) const {
    const v1::PromptChunk& chunk = text.chunks(index);
    const std::string name = text.chunks_size() == 1 ? "" : absl::StrCat("chunk ", index + 1, ": ");
    TextTree node = {{absl::StrCat(name, chunk.tokens_size(), " of ", kChunkTokens, " tokens")}};
    for (std::string& line : WrapWords(Words(chunk), "  ", style_.columns - kIndent)) {
      node.lines.push_back(std::move(line));
    }
    return node;
  }

  static std::string NetworkText(const v1::ExtraNetwork& network) {
    std::vector<std::string> arguments(network.arguments().begin(), network.arguments().end());
    for (const auto& named : network.named_arguments()) {
      arguments.push_back(absl::StrCat(named.key(), "=", named.value()));
    }
    return Printable(absl::StrCat("tag ", network.kind(), ": ", absl::StrJoin(arguments, ", ")));
  }

  const v1::ExplainPromptResponse& explanation_;
  const ExplainStyle style_;
  const bool calls_are_steps_;
};

}  // namespace

std::string ExplanationText(const v1::ExplainPromptResponse& explanation,
                            const ExplainStyle& style) {
  const Explainer explainer(explanation, style);
  std::string text =
      absl::StrCat(explainer.Heading(), "\n\n", explainer.Prompt("Prompt", explanation.prompt()),
                   "\n", explainer.Prompt("Negative prompt", explanation.negative_prompt()));
  text.pop_back();
  return text;
}

}  // namespace darkroom::cli
