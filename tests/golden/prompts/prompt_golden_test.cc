#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prompt/attention.h"
#include "prompt/chunks.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"
#include "prompt/schedule.h"
#include "prompt/styles.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/text/tokenizer_folder.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::prompt {
namespace {

using diffusion::Json;
using testing::Contains;
using testing::ElementsAreArray;

const Json::Array& Rows(const Json& value) { return *value.array(); }
const std::string& Text(const Json& value) { return *value.string(); }
int Integer(const Json& value) { return static_cast<int>(*value.integer()); }

// prompts.json, or the file that the environment names.
const Json& Goldens() {
  static const Json* goldens = [] {
    const char* other = std::getenv("DARKROOM_PROMPT_GOLDENS");
    const std::filesystem::path path =
        other != nullptr ? other : "tests/golden/prompts/prompts.json";
    const auto text = ReadFile(path, std::size_t{1} << 28);
    EXPECT_TRUE(text.ok()) << text.status();
    auto parsed = Json::Parse(text.ok() ? *text : "null", {.depth = 16, .values = 100'000'000});
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return new Json(*std::move(parsed));
  }();
  return *goldens;
}

// The prompts where the reference gave an answer under this name; a null is an error of its own.
template <typename Check>
void ForEachPrompt(absl::string_view name, Check check) {
  const Json::Array& prompts = Rows(*Goldens().Find("prompts"));
  ASSERT_GE(prompts.size(), 250u);
  for (const Json& row : prompts) {
    const Json& answer = *row.Find(name);
    SCOPED_TRACE(testing::PrintToString(Text(*row.Find("prompt"))));
    if (!answer.is_null()) check(row, Text(*row.Find("prompt")), answer);
  }
}

std::vector<WeightedText> WeightedTexts(const Json& rows) {
  std::vector<WeightedText> texts;
  for (const Json& row : Rows(rows)) {
    texts.push_back({Text(Rows(row)[0]), *Rows(row)[1].number()});
  }
  return texts;
}

std::vector<ScheduleEntry> Entries(const Json& rows) {
  std::vector<ScheduleEntry> entries;
  for (const Json& row : Rows(rows)) {
    entries.push_back({Integer(Rows(row)[0]), Text(Rows(row)[1])});
  }
  return entries;
}

// Embeddings are recognised as make_prompt_goldens.py does: the longest name first.
class GoldenTokenizer {
 public:
  GoldenTokenizer()
      : clip_(diffusion::LoadTokenizer("tests/golden/tiny_model/tokenizer",
                                       tokenizer::TokenizerConfig())
                  .value()),
        tokenizer_(tokenizer::MakePromptTokenizer(clip_)) {
    int index = 0;
    for (const Json& row : Rows(*Goldens().Find("embeddings"))) {
      names_.push_back({clip_.Tokenize(Text(Rows(row)[0])), index++, Integer(Rows(row)[1])});
    }
    tokenizer_.find_embedding = [this](absl::Span<const std::int64_t> tokens) {
      return FindEmbedding(tokens);
    };
  }
  GoldenTokenizer(const GoldenTokenizer&) = delete;
  GoldenTokenizer& operator=(const GoldenTokenizer&) = delete;

  const PromptTokenizer& tokenizer() const { return tokenizer_; }

 private:
  struct Name {
    std::vector<std::int64_t> tokens;
    int index = 0;
    int vectors = 0;
  };

  std::optional<EmbeddingMatch> FindEmbedding(absl::Span<const std::int64_t> tokens) const {
    std::optional<EmbeddingMatch> best;
    for (const Name& name : names_) {
      const auto size = static_cast<int>(name.tokens.size());
      const bool longer = !best.has_value() || size > best->tokens;
      if (longer && tokens.subspan(0, name.tokens.size()) == absl::MakeConstSpan(name.tokens)) {
        best = {.embedding = name.index, .vectors = name.vectors, .tokens = size};
      }
    }
    return best;
  }

  tokenizer::ClipTokenizer clip_;
  std::vector<Name> names_;
  PromptTokenizer tokenizer_;
};

void ExpectChunk(const Chunk& chunk, const Json::Array& expected, std::int64_t padding) {
  std::vector<std::int64_t> ids;
  for (const Json& id : Rows(expected[0])) ids.push_back(*id.integer());
  ids.resize(kChunkLength, padding);
  EXPECT_THAT(chunk.ids, ElementsAreArray(ids));

  std::vector<float> multipliers;
  for (const Json& weight : Rows(expected[1])) {
    multipliers.push_back(static_cast<float>(*weight.number()));
  }
  multipliers.resize(kChunkLength, 1);
  EXPECT_THAT(chunk.multipliers, ElementsAreArray(multipliers));

  std::vector<std::pair<int, int>> placed;
  for (const PlacedEmbedding& embedding : chunk.embeddings) {
    placed.emplace_back(embedding.embedding, embedding.offset);
  }
  std::vector<std::pair<int, int>> fixes;
  for (const Json& fix : Rows(expected[2])) {
    fixes.emplace_back(Integer(Rows(fix)[0]), Integer(Rows(fix)[1]));
  }
  EXPECT_EQ(placed, fixes);
}

TEST(GoldenPrompts, AttentionIsTheReferences) {
  ForEachPrompt("attention", [](const Json&, const std::string& prompt, const Json& answer) {
    EXPECT_EQ(ParseAttention(prompt).pieces, WeightedTexts(answer));
  });
}

TEST(GoldenPrompts, CompositionIsTheReferences) {
  ForEachPrompt("composition", [](const Json&, const std::string& prompt, const Json& answer) {
    EXPECT_EQ(SplitComposition(prompt), WeightedTexts(answer));
  });
}

TEST(GoldenPrompts, SchedulesAreOneOfTheReferences) {
  ForEachPrompt("schedules", [](const Json&, const std::string& prompt, const Json& answer) {
    for (const Json& row : Rows(answer)) {
      PassSteps pass = {.steps = Integer(Rows(row)[0])};
      if (const Json& first = Rows(row)[1]; !first.is_null()) {
        pass.first_pass_steps = Integer(first);
      }
      std::vector<std::vector<ScheduleEntry>> answers;
      for (const Json& schedule : Rows(Rows(row)[2])) {
        if (!schedule.is_null()) answers.push_back(Entries(schedule));
      }
      if (answers.empty()) continue;
      EXPECT_THAT(answers, Contains(MakeSchedule(prompt, pass).entries)) << pass.steps;
    }
  });
}

TEST(GoldenPrompts, NetworksAreTheReferences) {
  ForEachPrompt("networks", [](const Json&, const std::string& prompt, const Json& answer) {
    const WithoutNetworks taken = TakeExtraNetworks(prompt);
    EXPECT_EQ(taken.text, Text(Rows(answer)[0]));
    std::size_t count = 0;
    for (const auto& [kind, tags] : *Rows(answer)[1].object()) {
      auto found = taken.networks.begin();
      for (const Json& tag : Rows(tags)) {
        while (found != taken.networks.end() && found->kind != kind) ++found;
        ASSERT_NE(found, taken.networks.end());
        std::vector<std::string> positional;
        for (const Json& argument : Rows(Rows(tag)[0])) positional.push_back(Text(argument));
        EXPECT_EQ(found->positional, positional);
        for (const auto& [name, value] : *Rows(tag)[1].object()) {
          EXPECT_THAT(found->named, Contains(std::pair(name, Text(value))));
        }
        ++found;
        ++count;
      }
    }
    EXPECT_EQ(taken.networks.size(), count);
  });
}

TEST(GoldenPrompts, ChunksAreTheReferences) {
  const GoldenTokenizer golden;
  ForEachPrompt("chunks", [&](const Json& row, const std::string& prompt, const Json& answer) {
    const ChunkOptions options = {.emphasis = Emphasis::kOriginal,
                                  .comma_backoff = Integer(*row.Find("backoff"))};
    const ChunkedPrompt chunked = ChunkPrompt(prompt, golden.tokenizer(), options);
    EXPECT_EQ(chunked.token_count, Integer(Rows(answer)[0]));
    const Json::Array& chunks = Rows(Rows(answer)[1]);
    ASSERT_EQ(chunked.chunks.size(), chunks.size());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      ExpectChunk(chunked.chunks[i], Rows(chunks[i]), golden.tokenizer().special.pad);
    }
  });
}

TEST(GoldenPrompts, StylesAreTheReferences) {
  for (const Json& row : Rows(*Goldens().Find("styles"))) {
    std::vector<Style> styles;
    for (const Json& text : Rows(Rows(row)[1])) styles.push_back({"", Text(text), ""});
    const auto styled = ApplyStyles({Text(Rows(row)[0]), ""}, styles, 1000);
    ASSERT_TRUE(styled.ok()) << styled.status();
    EXPECT_EQ(styled->prompt, Text(Rows(row)[2])) << Text(Rows(row)[0]);
  }
}

}  // namespace
}  // namespace darkroom::prompt
