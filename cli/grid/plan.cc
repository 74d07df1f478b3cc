#include "cli/grid/plan.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

using Parameters = darkroom::v1::ImageParameters;
using DrawSeed = absl::FunctionRef<std::int64_t()>;

bool Varies(const std::optional<Axis>& axis, absl::string_view field) {
  return axis.has_value() && axis->field != nullptr && axis->field->name == field;
}

absl::Status CheckAxes(const GridAxes& axes) {
  std::size_t cells = 1;
  bool any = false;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].has_value()) continue;
    any = true;
    cells *= axes[i]->values.size();
    if (cells > kMaxGridCells) {
      return absl::InvalidArgumentError(
          absl::StrCat("the grid would have more than ", kMaxGridCells, " cells"));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (axes[i]->field != nullptr && Varies(axes[j], axes[i]->field->name)) {
        return absl::InvalidArgumentError(
            absl::StrCat("two axes vary ", axes[i]->field->name, "; give it one"));
      }
    }
  }
  if (any) return absl::OkStatus();
  return absl::InvalidArgumentError("nothing varies; give an axis, as in --x steps=5,10,20");
}

// Every cell must get the same drawn seed, so it is drawn here and not by the server.
void FixSeeds(Parameters& base, GridAxes& axes, DrawSeed draw_seed) {
  bool variation = base.has_variation();
  for (std::optional<Axis>& axis : axes) {
    const bool second = Varies(axis, "variation_seed");
    variation = variation || second || Varies(axis, "variation_strength");
    if (!second && !Varies(axis, "seed")) continue;
    for (std::string& value : axis->values) {
      if (value == "-1") value = absl::StrCat(draw_seed());
    }
  }
  if (!base.has_seed() || base.seed() == -1) base.set_seed(draw_seed());
  if (!variation) return;
  if (!base.variation().has_seed() || base.variation().seed() == -1) {
    base.mutable_variation()->set_seed(draw_seed());
  }
}

absl::Status Replace(const Axis& axis, const std::string& value, Parameters& parameters) {
  const std::string& searched = axis.values[0];
  if (!absl::StrContains(parameters.prompt(), searched) &&
      !absl::StrContains(parameters.negative_prompt(), searched)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt: \"", searched, "\" is in neither prompt; the first value is what is replaced"));
  }
  for (std::string* text : {parameters.mutable_prompt(), parameters.mutable_negative_prompt()}) {
    *text = absl::StrReplaceAll(*text, {{searched, value}});
  }
  return absl::OkStatus();
}

}  // namespace

std::array<std::size_t, 3> GridPlan::PlaceOf(std::size_t cell) const {
  return {cell % size[0], cell / size[0] % size[1], cell / size[0] / size[1]};
}

std::string GridPlan::CellName(std::size_t cell) const {
  const std::array<std::size_t, 3> place = PlaceOf(cell);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].has_value()) labels.push_back(axes[i]->Label(place[i]));
  }
  return absl::StrJoin(labels, ", ");
}

absl::StatusOr<GridPlan> PlanGrid(Parameters base, GridAxes axes, DrawSeed draw_seed) {
  DARKROOM_RETURN_IF_ERROR(CheckAxes(axes));
  FixSeeds(base, axes, draw_seed);
  base.set_image_count(1);
  base.set_preview_interval(0);
  GridPlan plan;
  plan.axes = std::move(axes);
  for (std::size_t i = 0; i < plan.axes.size(); ++i) {
    if (plan.axes[i].has_value()) plan.size[i] = plan.axes[i]->values.size();
  }
  const std::size_t cells = plan.size[0] * plan.size[1] * plan.size[2];
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::array<std::size_t, 3> place = plan.PlaceOf(cell);
    Parameters parameters = base;
    for (std::size_t i = 0; i < plan.axes.size(); ++i) {
      if (!plan.axes[i].has_value()) continue;
      const Axis& axis = *plan.axes[i];
      const std::string& value = axis.values[place[i]];
      DARKROOM_RETURN_IF_ERROR(axis.field == nullptr ? Replace(axis, value, parameters)
                                                     : axis.field->set(value, parameters));
    }
    plan.cells.push_back(std::move(parameters));
  }
  return plan;
}

}  // namespace darkroom::cli
