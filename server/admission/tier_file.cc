#include "server/admission/tier_file.h"

#include <toml++/toml.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "server/admission/count_rules.h"
#include "server/admission/name_choice.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kMaxTierFileBytes = std::size_t{1} << 20;
constexpr std::int64_t kMaxJobs = 1'000'000;
constexpr std::int64_t kMaxSecondsADay = 86'400'000;  // of a thousand devices
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 30;
constexpr std::int64_t kMaxImages = 1 << 10;

constexpr absl::string_view kRateKey = "requests_a_second";
constexpr double kLeastRate = 0.0001;
constexpr double kMostRate = 10'000;
constexpr std::int64_t kMaxBurst = 100'000;

scheduler::RequestRate& RateOf(Tier& tier) {
  return tier.requests.has_value() ? *tier.requests : tier.requests.emplace();
}

struct TierKey {
  absl::string_view name;
  std::int64_t most;  // the least is 1
  void (*set)(Tier& tier, std::int64_t value);
};

constexpr TierKey kTierKeys[] = {
    {"weight", scheduler::kMaxTierWeight,
     [](Tier& tier, std::int64_t value) { tier.terms.weight = value; }},
    {"queued", kMaxJobs, [](Tier& tier, std::int64_t value) { tier.terms.max_queued = value; }},
    {"running", kMaxJobs, [](Tier& tier, std::int64_t value) { tier.terms.max_running = value; }},
    {"gpu_seconds_a_day", kMaxSecondsADay,
     [](Tier& tier, std::int64_t value) { tier.terms.daily_device_time = absl::Seconds(value); }},
    {"burst", kMaxBurst, [](Tier& tier, std::int64_t value) { RateOf(tier).burst = value; }},
    {"pixels", kMaxPixels, [](Tier& tier, std::int64_t value) { tier.limits.pixels = value; }},
    {"steps", kMaxSteps, [](Tier& tier, std::int64_t value) { tier.limits.steps = value; }},
    {"images", kMaxImages, [](Tier& tier, std::int64_t value) { tier.limits.images = value; }},
};

// Abseil's is a type of its own in some distributions.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

template <typename... Words>
absl::Status Wrong(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

absl::Status SetRate(absl::string_view tier_name, const toml::node& value, Tier& tier) {
  const auto rate = value.is_number() ? value.value<double>() : std::nullopt;
  if (!rate.has_value() || !(*rate >= kLeastRate && *rate <= kMostRate)) {
    return Wrong("the tier \"", tier_name, "\": ", kRateKey, " must be a number from ", kLeastRate,
                 " to ", kMostRate, ", left out for no limit");
  }
  RateOf(tier).interval = absl::Microseconds(std::llround(1e6 / *rate));
  return absl::OkStatus();
}

absl::Status SetKey(absl::string_view tier_name, absl::string_view key, const toml::node& value,
                    Tier& tier) {
  if (key == kRateKey) return SetRate(tier_name, value, tier);
  std::vector<std::string> known = {std::string(kRateKey)};
  for (const TierKey& candidate : kTierKeys) {
    if (candidate.name != key) {
      known.emplace_back(candidate.name);
      continue;
    }
    const auto number = value.value_exact<std::int64_t>();
    if (number.has_value() && *number >= 1 && *number <= candidate.most) {
      candidate.set(tier, *number);
      return absl::OkStatus();
    }
    const std::string is = number.has_value() ? absl::StrCat("is ", *number) : "is no whole number";
    return Wrong("the tier \"", tier_name, "\": ", key, " ", is, "; it must be one from 1 to ",
                 candidate.most, candidate.name == "weight" ? "" : ", left out for no limit");
  }
  return Wrong("the tier \"", tier_name, "\": a key ",
               DescribeUnknownName("key of a tier", key, known));
}

absl::StatusOr<Tier> ReadTier(absl::string_view name, const toml::node& node) {
  if (!IsCatalogueId(name)) {
    return Wrong("the tier ", Quoted(name),
                 ": a tier's name has 1 to 64 characters of a-z, 0-9, '.', '_', '-'");
  }
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    return Wrong("the tier \"", name, "\": is no table; begin it with [tiers.", name, "]");
  }
  Tier tier;
  tier.terms.tier = std::string(name);
  for (const auto& [key, value] : *table) {
    DARKROOM_RETURN_IF_ERROR(SetKey(name, View(key.str()), value, tier));
  }
  if (tier.requests.has_value() && tier.requests->interval == absl::ZeroDuration()) {
    return Wrong("the tier \"", name, "\": burst says nothing without ", kRateKey,
                 "; add that, or leave both out");
  }
  return tier;
}

absl::StatusOr<Tiers> ReadTiers(const toml::table& file) {
  Tiers tiers;
  for (const auto& [top, node] : file) {
    if (top.str() != "tiers" || !node.is_table()) {
      return Wrong("the key ", Quoted(View(top.str())),
                   ": only tables of tiers have a place here, as [tiers.", kStandardTier, "]");
    }
    for (const auto& [name, table] : *node.as_table()) {
      DARKROOM_ASSIGN_OR_RETURN(Tier tier, ReadTier(View(name.str()), table));
      tiers.emplace(std::string(name.str()), std::move(tier));
    }
  }
  if (!tiers.contains(kStandardTier)) {
    return Wrong("the tier \"", kStandardTier,
                 "\" is missing, which callers have whose key names no other; add [tiers.",
                 kStandardTier, "]");
  }
  return tiers;
}

}  // namespace

absl::StatusOr<Tiers> ParseTiers(absl::string_view toml) {
  try {
    return ReadTiers(toml::parse(std::string_view(toml.data(), toml.size())));
  } catch (const toml::parse_error& error) {
    return Wrong("line ", error.source().begin.line, " is not TOML: ", View(error.description()));
  }
}

absl::StatusOr<Tiers> ReadTierFile(const std::string& path) {
  if (path.empty()) return StandardTierAlone();
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxTierFileBytes));
  absl::StatusOr<Tiers> tiers = ParseTiers(text);
  if (!tiers.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file of tiers ", path, ": ", tiers.status().message()));
  }
  return tiers;
}

}  // namespace darkroom::server
