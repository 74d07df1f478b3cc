#include "server/admission/name_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "naming/sampler_names.h"
#include "server/admission/name_choice.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

bool Lists(const Names& known, absl::string_view name) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

// A name that stands for none that the model lists. `pass` goes before the field.
void Reject(absl::string_view pass, absl::string_view field, absl::string_view asked,
            const Names& known, ViolationList& violations) {
  violations.Add(absl::StrCat(pass, field),
                 DescribeUnknownName(field, asked, {known.begin(), known.end()}));
}

// What a pass means by its sampler and schedule.
naming::SamplerChoice Choose(absl::string_view pass, absl::string_view sampler,
                             absl::string_view schedule, const darkroom::v1::Model& model,
                             ViolationList& violations) {
  const naming::SamplerChoice choice = naming::ResolveSampler(sampler, schedule);
  const absl::string_view meant = choice.sampler == nullptr ? "" : choice.sampler->name;
  if (!Lists(model.samplers(), meant)) {
    Reject(pass, "sampler", sampler, model.samplers(), violations);
  }
  // Also where the sampler's name carries one that goes before it.
  if (naming::FindSchedule(schedule).empty()) {
    Reject(pass, "schedule", schedule, model.schedules(), violations);
  } else if (!Lists(model.schedules(), choice.schedule)) {
    Reject(pass, "schedule", choice.schedule, model.schedules(), violations);
  }
  return choice;
}

// Sets both fields of the parameters or of their second pass.
template <typename Message>
void SetChoice(const naming::SamplerChoice& choice, Message& pass) {
  pass.set_sampler(choice.sampler == nullptr ? "" : std::string(choice.sampler->name));
  pass.set_schedule(std::string(choice.schedule));
}

}  // namespace

void ResolveModel(Resolution& request) {
  const Catalogue& catalogue = request.catalogue;
  absl::string_view id = request.asked.model();
  absl::ConsumePrefix(&id, "models/");
  if (request.asked.model().empty()) id = catalogue.default_model;
  if (const auto found = catalogue.models.find(std::string(id)); found != catalogue.models.end()) {
    request.model = &found->second;
    request.resolved.set_model(ModelName(found->first));
    return;
  }
  std::vector<std::string> known;
  for (const auto& [name, model] : catalogue.models) known.push_back(name);
  request.violations.Add(
      "model", id.empty() ? absl::StrCat("is empty and this server has no default model; name one "
                                         "of: \"",
                                         absl::StrJoin(known, "\", \""), "\"")
                          : DescribeUnknownName("model", id, known));
}

void ResolveSamplerAndSchedule(Resolution& request) {
  if (request.model == nullptr) return;
  const darkroom::v1::Model& model = *request.model;
  const darkroom::v1::ImageParameters& asked = request.asked;
  const std::string& sampler = asked.sampler().empty() ? model.default_sampler() : asked.sampler();
  const std::string& schedule =
      asked.schedule().empty() ? model.default_schedule() : asked.schedule();
  SetChoice(Choose("", sampler, schedule, model, request.violations), request.resolved);
}

void ResolveSamplerOfHires(Resolution& request) {
  if (request.model == nullptr) return;
  darkroom::v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  if (hires.sampler().empty()) hires.set_sampler(request.resolved.sampler());
  if (hires.schedule().empty()) hires.set_schedule(request.resolved.schedule());
  // One that the first pass is to blame for is named there.
  if (hires.sampler().empty() || hires.schedule().empty()) return;
  SetChoice(
      Choose("hires_fix.", hires.sampler(), hires.schedule(), *request.model, request.violations),
      hires);
}

}  // namespace darkroom::server
