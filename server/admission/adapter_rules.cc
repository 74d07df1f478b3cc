#include "server/admission/adapter_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prompt/extra_networks.h"
#include "prompt/limits.h"
#include "server/admission/name_choice.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

// More than these are not looked for: each looks for the nearest of all names.
constexpr int kMostBadTags = 3;

absl::string_view TitleOf(v1::ModelFamily family) {
  switch (family) {
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_1:
      return "Stable Diffusion 1.x";
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_2:
      return "Stable Diffusion 2.x";
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_XL:
      return "SDXL";
    case v1::MODEL_FAMILY_STABLE_DIFFUSION_XL_REFINER:
      return "the SDXL refiner";
    default:
      return "of another family";
  }
}

std::string DescribeUnknown(absl::string_view kind, absl::string_view name,
                            const Resolution& request) {
  std::vector<std::string> known;
  for (const AdapterIndex::Listed* listed :
       request.catalogue.adapters->AllOf(v1::ADAPTER_KIND_LORA, request.model->family())) {
    known.push_back(listed->adapter().name());
  }
  return absl::StrCat("has a <", kind, ":> whose name ", DescribeUnknownName("LoRA", name, known));
}

bool IsLora(const prompt::ExtraNetwork& tag) { return tag.kind == "lora" || tag.kind == "lyco"; }

// What is wrong with a tag; empty where nothing is.
std::string ProblemOf(const prompt::ExtraNetwork& tag, const Resolution& request) {
  if (tag.kind == "hypernet") {
    return "has a <hypernet:>; hypernetworks are not supported here, take it out";
  }
  if (!IsLora(tag)) return "";
  const std::optional<prompt::NetworkArguments> arguments = prompt::ReadNetworkArguments(tag);
  if (!arguments.has_value()) {
    return absl::StrCat("has a <", tag.kind,
                        ":> without a name, or with a strength that is no number; write it as <",
                        tag.kind, ":name:0.8>");
  }
  if (arguments->dynamic_rank.has_value()) {
    return absl::StrCat("has a <", tag.kind, ":> with ", Quoted(arguments->name),
                        " and a rank of its own (dyn), which is not supported; leave it out");
  }
  if (request.model == nullptr || request.catalogue.adapters == nullptr) return "";
  const AdapterIndex::Listed* listed = request.catalogue.adapters->FindLora(arguments->name);
  if (listed == nullptr) return DescribeUnknown(tag.kind, arguments->name, request);
  if (AdapterIndex::Fits(*listed, request.model->family())) return "";
  return absl::StrCat("has a <", tag.kind, ":> with ", Quoted(arguments->name),
                      ", which is made for ", listed->made_for(), "; the model ",
                      request.model->display_name(), " is ", TitleOf(request.model->family()),
                      ": choose another, or another model");
}

}  // namespace

void CheckAdapters(absl::string_view field, absl::string_view prompt, Resolution& request) {
  int bad = 0;
  int loras = 0;
  for (const prompt::ExtraNetwork& tag : prompt::TakeExtraNetworks(prompt).networks) {
    if (IsLora(tag) && ++loras > prompt::kMaxLoras) {
      request.violations.Add(
          field, absl::StrCat("calls more than ", prompt::kMaxLoras, " LoRAs; take some out"));
      return;
    }
    std::string problem = ProblemOf(tag, request);
    if (problem.empty()) continue;
    request.violations.Add(field, std::move(problem));
    if (++bad == kMostBadTags) return;
  }
}

}  // namespace darkroom::server
