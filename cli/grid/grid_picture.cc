#include "cli/grid/grid_picture.h"

#include <memory>
#include <utility>

#include "cli/grid/compose.h"
#include "cli/grid/font.h"
#include "cli/grid/grid_infotext.h"
#include "cli/grid/png_decoder.h"
#include "common/status_macros.h"
#include "infotext/png_text.h"
#include "worker/image/png_encoder.h"

namespace darkroom::cli {
namespace {

GridCell CellOf(const BatchResult& result) {
  if (!result.status.ok()) return std::string(result.status.message());
  absl::StatusOr<RgbImage> image = DecodePng(result.picture.bytes);
  if (!image.ok()) return std::string(image.status().message());
  return *std::move(image);
}

std::vector<std::string> LabelsOf(const std::optional<Axis>& axis) {
  std::vector<std::string> labels(axis.has_value() ? axis->values.size() : 1);
  for (std::size_t i = 0; axis.has_value() && i < labels.size(); ++i) labels[i] = axis->Label(i);
  return labels;
}

}  // namespace

absl::StatusOr<std::string> GridPng(const GridPlan& plan, const std::vector<BatchResult>& results) {
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<Font> font, Font::Load());
  GridContent content;
  for (std::size_t i = 0; i < plan.axes.size(); ++i) content.labels[i] = LabelsOf(plan.axes[i]);
  std::string text;
  for (const BatchResult& result : results) {
    content.cells.push_back(CellOf(result));
    if (text.empty() && result.status.ok()) {
      text =
          GridInfotext(infotext::ReadPngParameters(result.picture.bytes).value_or(""), plan.axes);
    }
  }
  return worker::EncodePng(ComposeGrid(content, *font), text);
}

}  // namespace darkroom::cli
