#include "worker/diffusion/prompt_encoder.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/tensor.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

// In one forward of the text model: bounds what its activations take.
constexpr std::size_t kChunksAtOnce = 16;

bool IsWeighted(const prompt::Chunk& chunk) {
  return std::any_of(chunk.multipliers.begin(), chunk.multipliers.end(),
                     [](float multiplier) { return multiplier != 1; });
}

// In float64, where the order of the values does not show.
double Sum(const at::Tensor& values) { return values.sum(at::kDouble).item<double>(); }

prompt::PromptTokenizer WithEmbeddings(prompt::PromptTokenizer tokenizer,
                                       RequestEmbeddings* embeddings) {
  if (embeddings == nullptr) return tokenizer;
  tokenizer.find_embedding = [embeddings](absl::Span<const std::int64_t> tokens) {
    return embeddings->Find(tokens);
  };
  return tokenizer;
}

}  // namespace

PromptEncoder::PromptEncoder(absl::Span<const ClipTextModel> models,
                             prompt::PromptTokenizer tokenizer, Options options)
    : models_(models),
      tokenizer_(WithEmbeddings(std::move(tokenizer), options.embeddings)),
      options_(std::move(options)) {}

absl::StatusOr<ConditioningSchedule> PromptEncoder::Encode(const prompt::Schedule& schedule) {
  std::vector<std::size_t> places;
  std::vector<Text> texts = Tokenize(schedule, &places);
  if (options_.embeddings != nullptr) {
    DARKROOM_RETURN_IF_ERROR(options_.embeddings->status());
  }
  std::size_t longest = 0;
  for (const Text& text : texts) longest = std::max(longest, text.chunks.size());
  chunks_ += longest * texts.size();
  if (chunks_ > kMaxChunks) {
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt and negative_prompt take more than ", kMaxChunks,
        " chunks of 75 tokens, all variants of their edits together; shorten them, or use fewer "
        "edits, parts and BREAKs"));
  }
  for (Text& text : texts) {
    text.chunks.resize(longest, prompt::EmptyChunk(tokenizer_.special));
  }
  EncodeChunks(texts);
  for (std::size_t i = 0; i < longest; ++i) Weigh(i, &texts);

  std::vector<Conditioning> conditionings;
  for (const Text& text : texts) {
    const at::Tensor& pooled = encoded_.at(ContentOf(text.chunks.front())).pooled;
    conditionings.push_back({.context = at::cat(text.contexts).unsqueeze(0),
                             .vector = pooled.defined() ? pooled.to(at::kFloat) : pooled});
  }
  std::vector<ConditioningSchedule::Variant> variants;
  for (std::size_t i = 0; i < schedule.entries.size(); ++i) {
    variants.push_back(
        {.last_call = schedule.entries[i].end_step, .conditioning = conditionings[places[i]]});
  }
  return ConditioningSchedule(std::move(variants));
}

std::vector<PromptEncoder::Text> PromptEncoder::Tokenize(const prompt::Schedule& schedule,
                                                         std::vector<std::size_t>* places) {
  std::vector<Text> texts;
  absl::flat_hash_map<absl::string_view, std::size_t> known;
  for (const prompt::ScheduleEntry& entry : schedule.entries) {
    const auto [place, is_new] = known.emplace(entry.text, texts.size());
    if (is_new) {
      texts.emplace_back().chunks =
          prompt::ChunkPrompt(entry.text, tokenizer_, {.emphasis = options_.emphasis}).chunks;
    }
    ++texts[place->second].entries;
    places->push_back(place->second);
  }
  return texts;
}

PromptEncoder::ChunkContent PromptEncoder::ContentOf(const prompt::Chunk& chunk) {
  ChunkContent content(chunk.ids, {});
  for (const prompt::PlacedEmbedding& placed : chunk.embeddings) {
    content.second.emplace_back(placed.embedding, placed.offset);
  }
  return content;
}

TextChanges PromptEncoder::ChangesOf(std::size_t model,
                                     absl::Span<const prompt::Chunk* const> chunks) const {
  TextChanges changes{.vectors = {}, .adapters = options_.adapters};
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    for (const prompt::PlacedEmbedding& placed : chunks[i]->embeddings) {
      // Behind the begin of text.
      changes.vectors.push_back(
          {.chunk = i,
           .position = placed.offset + 1,
           .vectors = options_.embeddings->Get(placed.embedding).vectors[model]});
    }
  }
  return changes;
}

void PromptEncoder::EncodeChunks(absl::Span<const Text> texts) {
  std::vector<const prompt::Chunk*> fresh;
  for (const Text& text : texts) {
    for (const prompt::Chunk& chunk : text.chunks) {
      if (encoded_.emplace(ContentOf(chunk), EncodedChunk()).second) fresh.push_back(&chunk);
    }
  }
  for (auto rest = absl::MakeConstSpan(fresh); !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kChunksAtOnce));
    std::vector<TokenChunk> ids;
    for (const prompt::Chunk* chunk : some) ids.push_back(chunk->ids);
    for (std::size_t model = 0; model < models_.size(); ++model) {
      const TextStates states =
          models_[model].Encode(ids, options_.clip_skip, ChangesOf(model, some));
      for (std::size_t i = 0; i < some.size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        EncodedChunk& chunk = encoded_[ContentOf(*some[i])];
        chunk.outputs.push_back(states.tokens.select(0, index));
        if (states.pooled.defined()) chunk.pooled = states.pooled.narrow(0, index, 1);
      }
    }
    rest.remove_prefix(some.size());
  }
}

void PromptEncoder::Weigh(std::size_t chunk, std::vector<Text>* texts) const {
  std::vector<std::vector<at::Tensor>> outputs(texts->size());  // of every model, a text
  for (std::size_t model = 0; model < models_.size(); ++model) {
    const std::vector<at::Tensor> weighted = WeighOutputs(model, chunk, *texts);
    for (std::size_t i = 0; i < weighted.size(); ++i) outputs[i].push_back(weighted[i]);
  }
  for (std::size_t i = 0; i < texts->size(); ++i) {
    (*texts)[i].contexts.push_back(outputs[i].size() == 1 ? outputs[i][0] : at::cat(outputs[i], 1));
  }
}

// With all multipliers 1 the reference's mean stays what it was.
std::vector<at::Tensor> PromptEncoder::WeighOutputs(std::size_t model, std::size_t chunk,
                                                    absl::Span<const Text> texts) const {
  const bool weighted = std::any_of(texts.begin(), texts.end(), [chunk](const Text& text) {
    return IsWeighted(text.chunks[chunk]);
  });
  std::vector<at::Tensor> outputs;
  double before = 0;
  double after = 0;
  for (const Text& text : texts) {
    const at::Tensor& output = encoded_.at(ContentOf(text.chunks[chunk])).outputs[model];
    if (!weighted) {
      outputs.push_back(output);
      continue;
    }
    const at::Tensor exact = output.to(at::kFloat);
    const at::Tensor multipliers =
        at::tensor(text.chunks[chunk].multipliers, at::kFloat).to(exact.device());
    const at::Tensor product = exact * multipliers.unsqueeze(1);  // [77, C] * [77, 1]
    before += text.entries * Sum(exact);
    after += text.entries * Sum(product);
    outputs.push_back(product);
  }
  if (!weighted) return outputs;
  const double factor = options_.emphasis == prompt::Emphasis::kOriginal ? before / after : 1;
  const at::ScalarType dtype =
      encoded_.at(ContentOf(texts[0].chunks[chunk])).outputs[model].scalar_type();
  for (at::Tensor& output : outputs) output = (output * factor).to(dtype);
  return outputs;
}

}  // namespace darkroom::diffusion
