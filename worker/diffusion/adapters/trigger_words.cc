#include "worker/diffusion/adapters/trigger_words.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

// Code points.
std::size_t Length(absl::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Captions of this many letters on average are sentences.
constexpr std::size_t kSentence = 16;
constexpr std::size_t kShortestWord = 3;

// Counts by text, in the order of their first mention.
class Counts {
 public:
  void Add(absl::string_view text, std::int64_t count) {
    const auto [place, is_new] = places_.emplace(text, counts_.size());
    if (is_new) counts_.emplace_back(text, 0);
    std::int64_t& sum = counts_[place->second].second;
    if (__builtin_add_overflow(sum, count, &sum)) sum = INT64_MAX;
  }

  const std::vector<std::pair<std::string, std::int64_t>>& all() const { return counts_; }

 private:
  absl::flat_hash_map<std::string, std::size_t> places_;
  std::vector<std::pair<std::string, std::int64_t>> counts_;
};

Counts CountCaptions(const Json& folders) {
  Counts counts;
  if (folders.object() == nullptr) return counts;
  for (const auto& [folder, captions] : *folders.object()) {
    if (captions.object() == nullptr) continue;
    for (const auto& [caption, count] : *captions.object()) {
      const absl::string_view text = absl::StripAsciiWhitespace(caption);
      if (!text.empty() && count.integer() != nullptr) counts.Add(text, *count.integer());
    }
  }
  return counts;
}

bool AreSentences(const Counts& counts) {
  std::size_t letters = 0;
  for (const auto& [text, count] : counts.all()) letters += Length(text);
  return letters >= kSentence * counts.all().size() && letters > 0;
}

bool IsWordLetter(char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

Counts CountWords(const Counts& sentences) {
  Counts words;
  for (const auto& [text, count] : sentences.all()) {
    for (auto begin = text.begin(); begin != text.end();) {
      begin = std::find_if(begin, text.end(), IsWordLetter);
      const auto end = std::find_if_not(begin, text.end(), IsWordLetter);
      const std::string word(begin, end);
      if (Length(word) >= kShortestWord) words.Add(word, count);
      begin = end;
    }
  }
  return words;
}

}  // namespace

std::vector<std::string> FrequentCaptions(absl::string_view tag_frequency, std::size_t most) {
  const absl::StatusOr<Json> folders = Json::Parse(tag_frequency);
  if (!folders.ok()) return {};
  Counts counts = CountCaptions(*folders);
  if (AreSentences(counts)) counts = CountWords(counts);
  auto sorted = counts.all();
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> captions;
  for (const auto& [text, count] : sorted) {
    if (captions.size() == most) break;
    captions.push_back(text);
  }
  return captions;
}

}  // namespace darkroom::diffusion
