#include "cli/load/load_plan.h"

#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/picture_fields.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

absl::Status SetField(absl::string_view word, darkroom::v1::ImageParameters& parameters) {
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(word, absl::MaxSplits('=', 1));
  if (pair.first == "prompt") {
    parameters.set_prompt(absl::StrReplaceAll(pair.second, {{"_", " "}}));
    return absl::OkStatus();
  }
  const PictureField* field = FindPictureField(pair.first);
  if (field == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", word, "\" is neither a weight nor an option of `darkroom generate`, as ",
                     "in steps=20"));
  }
  return field->set(field->kind == FieldKind::kSwitch ? "true" : pair.second, parameters);
}

}  // namespace

absl::StatusOr<JobKind> ParseJobKind(absl::string_view text) {
  JobKind kind = {.name = std::string(text)};
  kind.parameters.set_prompt("a red apple");
  std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  double weight = 0;
  if (!words.empty() && absl::SimpleAtod(words[0], &weight)) {
    if (!(weight > 0 && weight < 1e9)) {
      return absl::InvalidArgumentError(absl::StrCat("the weight ", words[0], " is not above 0"));
    }
    kind.weight = weight;
    words.erase(words.begin());
  }
  for (const absl::string_view word : words) {
    DARKROOM_RETURN_IF_ERROR(SetField(word, kind.parameters));
  }
  return kind;
}

std::vector<Arrival> PlanArrivals(const LoadPlan& plan) {
  std::mt19937_64 random(plan.seed);
  std::exponential_distribution<double> gap(plan.rate);
  std::uniform_int_distribution<int> tenant(0, plan.tenants - 1);
  std::vector<double> weights;
  for (const JobKind& kind : plan.kinds) weights.push_back(kind.weight);
  std::discrete_distribution<int> kind(weights.begin(), weights.end());
  std::vector<Arrival> arrivals;
  for (absl::Duration at = absl::Seconds(gap(random)); at < plan.duration;
       at += absl::Seconds(gap(random))) {
    const int who = tenant(random);
    arrivals.push_back({.at = at, .tenant = who, .kind = kind(random)});
  }
  return arrivals;
}

}  // namespace darkroom::cli
