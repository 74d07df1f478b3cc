// Every text has a reading, of bounded size, in which nothing is invented or lost.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "prompt/attention.h"
#include "prompt/chunks.h"
#include "prompt/composition.h"
#include "prompt/edits.h"
#include "prompt/explanation.h"
#include "prompt/extra_networks.h"
#include "prompt/schedule.h"
#include "prompt/styles.h"
#include "tests/fuzz/check.h"

namespace darkroom::prompt {
namespace {

// One token a byte; a byte 'E' is an embedding of as many vectors as the next byte says.
PromptTokenizer Bytes() {
  PromptTokenizer tokenizer;
  tokenizer.special = {.begin = 1000, .end = 1001, .pad = 1002, .comma = ','};
  tokenizer.tokenize = [](absl::string_view text) {
    std::vector<std::int64_t> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  };
  tokenizer.find_embedding =
      [](absl::Span<const std::int64_t> tokens) -> std::optional<EmbeddingMatch> {
    if (tokens.size() < 2 || tokens[0] != 'E') return std::nullopt;
    return EmbeddingMatch{.embedding = 1, .vectors = static_cast<int>(tokens[1]), .tokens = 2};
  };
  return tokenizer;
}

// True if `part` is `whole` with bytes left out.
bool IsSubsequence(absl::string_view part, absl::string_view whole) {
  for (const char c : whole) {
    if (!part.empty() && part.front() == c) part.remove_prefix(1);
  }
  return part.empty();
}

void CheckAttention(absl::string_view text) {
  std::string joined;
  const Attention attention = ParseAttention(text);
  CHECK(!attention.pieces.empty());
  for (const WeightedText& piece : attention.pieces) joined += piece.text;
  CHECK(IsSubsequence(joined, text));
  if (text.find_first_of("\\()[]") == text.npos && text.find("BREAK") == text.npos) {
    CHECK(joined == text);
  }
}

void CheckComposition(absl::string_view text) {
  std::string joined;
  for (const WeightedText& part : SplitComposition(text)) joined += part.text;
  CHECK(IsSubsequence(joined, text));
}

void CheckEdits(absl::string_view text) {
  const auto edits = ParseEdits(text);
  if (!edits.has_value()) return;
  for (const Edit& edit : *edits) {
    CHECK(text[edit.range.begin] == '[' && text[edit.range.end - 1] == ']');
    CHECK(edit.options.size() >= 2);
    std::size_t position = edit.range.begin;
    for (const TextRange& option : edit.options) {
      CHECK(option.begin >= position && option.begin <= option.end);
      position = option.end;
    }
    CHECK(position < edit.range.end);
  }
}

void CheckSchedule(absl::string_view text, const PassSteps& pass) {
  const Schedule schedule = MakeSchedule(text, pass);
  CHECK(!schedule.entries.empty());
  CHECK(schedule.entries.size() <= static_cast<std::size_t>(std::max(1, pass.steps)));
  CHECK(schedule.entries.back().end_step == pass.steps);
  int previous = 0;
  for (const ScheduleEntry& entry : schedule.entries) {
    CHECK(entry.end_step > previous);
    previous = entry.end_step;
    CHECK(IsSubsequence(entry.text, text));
    CHECK(!schedule.is_literal || entry.text == text);
  }
  int covered = 0;
  for (std::size_t i = 0; i < schedule.entries.size(); ++i) {
    const CallRange calls = CallsOfEntry(schedule, i, pass.steps);
    CHECK(calls.from <= calls.until);
    covered += calls.until - calls.from;
    if (calls.from < calls.until) CHECK(ActiveEntry(schedule, calls.from) == i);
  }
  CHECK(covered == pass.steps);
}

void CheckNetworks(absl::string_view text) {
  const WithoutNetworks taken = TakeExtraNetworks(text);
  CHECK(IsSubsequence(taken.text, text));
  CHECK(!taken.networks.empty() || taken.text == text);
  for (const ExtraNetwork& network : taken.networks) {
    CHECK(!network.kind.empty());
    ReadNetworkArguments(network);
  }
}

void CheckChunks(absl::string_view text, const ChunkOptions& options) {
  const PromptTokenizer tokenizer = Bytes();
  const ChunkedPrompt prompt = ChunkPrompt(text, tokenizer, options);
  CHECK(!prompt.chunks.empty() && prompt.chunks.size() <= text.size() + 2);
  for (const Chunk& chunk : prompt.chunks) {
    CHECK(chunk.length >= 0 && chunk.length <= kChunkCapacity);
    CHECK(chunk.ids.front() == tokenizer.special.begin);
    CHECK(chunk.ids[static_cast<std::size_t>(chunk.length) + 1] == tokenizer.special.end);
    for (const PlacedEmbedding& placed : chunk.embeddings) {
      CHECK(placed.offset >= 0 && placed.offset + placed.vectors <= kChunkCapacity);
    }
  }
}

void CheckStyles(absl::string_view text) {
  constexpr std::size_t kLimit = 1 << 14;
  const auto styles = ReadStyles(text);
  if (!styles.ok()) return;
  const auto styled = ApplyStyles({std::string(text), ""}, *styles, kLimit);
  if (styled.ok() && !styles->empty()) CHECK(styled->prompt.size() <= kLimit);
}

void CheckExplanation(absl::string_view text, const PassSteps& pass, const ChunkOptions& chunks) {
  constexpr std::size_t kTokens = 2000;
  const std::size_t half = text.size() / 2;
  const Explanation explanation = Explain(
      {std::string(text.substr(0, half)), std::string(text.substr(half))}, Bytes(),
      [](std::int64_t) { return ""; }, {.pass = pass, .chunks = chunks, .max_tokens = kTokens});
  for (const ExplainedPrompt* prompt : {&explanation.prompt, &explanation.negative_prompt}) {
    CHECK(!prompt->parts.empty());
    std::size_t tokens = 0;
    for (const ExplainedPart& part : prompt->parts) {
      for (const ExplainedEntry& entry : part.entries) CHECK(entry.text < part.texts.size());
      for (const ExplainedText& variant : part.texts) {
        for (const ExplainedChunk& chunk : variant.chunks) tokens += chunk.tokens.size();
      }
    }
    CHECK(tokens <= kTokens);
  }
}

}  // namespace
}  // namespace darkroom::prompt

// The first two bytes choose the options, the others are the prompt.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace darkroom::prompt;  // NOLINT(google-build-using-namespace)
  if (size < 2) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  PassSteps pass = {.steps = 1 + data[0] % 40};
  if (data[0] >= 128) pass.first_pass_steps = data[0] % 7;
  const ChunkOptions chunks = {.emphasis = static_cast<Emphasis>(data[1] % 4),
                               .comma_backoff = data[1] % 75};
  CheckAttention(text);
  CheckComposition(text);
  CheckEdits(text);
  CheckSchedule(text, pass);
  CheckNetworks(text);
  CheckChunks(text, chunks);
  CheckStyles(text);
  CheckExplanation(text, pass, chunks);
  return 0;
}
