#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/grid/batch_line.h"
#include "cli/grid/grid_infotext.h"
#include "cli/grid/grid_picture.h"
#include "cli/grid/job_batch.h"
#include "cli/grid/plan.h"
#include "cli/interrupt.h"
#include "cli/picture_options.h"
#include "cli/picture_text.h"
#include "cli/picture_writer.h"
#include "cli/progress_view.h"
#include "cli/restored_parameters.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr std::array<absl::string_view, 3> kAxes = {"x", "y", "z"};

// As A1111 draws one.
std::int64_t RandomSeed() {
  std::random_device random;
  return std::uniform_int_distribution<std::int64_t>(0, 4'294'967'293)(random);
}

std::vector<v1::CreateJobRequest> Requests(const GridPlan& plan) {
  std::vector<v1::CreateJobRequest> requests;
  for (const v1::ImageParameters& parameters : plan.cells) {
    v1::CreateJobRequest& request = requests.emplace_back();
    request.set_request_id(RandomId());
    *request.mutable_parameters() = parameters;
  }
  return requests;
}

// "y2-x3", of the axes that are there, from 1.
std::string CellStem(const GridPlan& plan, std::size_t cell) {
  const std::array<std::size_t, 3> place = plan.PlaceOf(cell);
  std::string stem;
  for (std::size_t i = kAxes.size(); i-- > 0;) {
    if (!plan.axes[i].has_value()) continue;
    absl::StrAppend(&stem, stem.empty() ? "" : "-", kAxes[i], place[i] + 1);
  }
  return stem;
}

class GridCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "grid", "[PROMPT]", "Compare settings in one labelled picture",
        "Makes a picture for every combination of two or three settings, all of them as one\n"
        "batch, and writes a grid with labels: x to the right, y down, z from block to block.\n"
        "An axis is a setting and its values: any option of \"Picture\" below or of the groups\n"
        "after it by its name, or prompt=SEARCHED,REPLACEMENT,... Values are CSV; of numbers\n"
        "also 1-5, 1-10 (+3) and, evenly spaced, 1-10 [4]. All cells have the same seed unless\n"
        "it is an axis. At most 256 cells. Ctrl-C cancels all of them. A grid that --from names "
        "is\n"
        "drawn again unless other axes are given.",
        "  darkroom grid \"a red apple\" --x steps=5,10,20 --y \"sampler=Euler,DPM++ 2M\"\n"
        "  darkroom grid \"a red apple\" --x \"prompt=apple,pear,plum\" --y \"seed=1-4\"\n"
        "  darkroom grid \"a fox\" --x \"guidance=1-10 (+3)\" --y \"clip_skip=1,2\" --z "
        "\"eta=0,1\"\n"
        "  darkroom grid --from boat.png --x \"variation_strength=0-0.4 [5]\" --variation_seed "
        "5\n"};
  }

  void Declare(OptionParser& options) override {
    for (std::size_t i = 0; i < kAxes.size(); ++i) {
      options.Add({std::string(kAxes[i]), "NAME=VALUES", AxisHelp(i), ""},
                  [this, i](absl::string_view value) {
                    DARKROOM_ASSIGN_OR_RETURN(axes_[i], ParseAxis(value));
                    return absl::OkStatus();
                  });
    }
    options.Add({"out", "PATH", "a folder, or a file ending in .png; never overwrites", ""}, &out_);
    options.Add({"cells", "DIR", "write the single pictures too, into this folder", ""}, &cells_);
    options.BeginGroup("Picture");
    options.Add({"from", "FILE", "begin with what a picture says; a text file or - too", ""},
                &from_);
    picture_.DeclareEveryday(options, {"count"});
    picture_.DeclareOthers(options);
    options.BeginGroup("Server");
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    if (arguments.empty() && from_.empty()) {
      return FailUsage(absl::InvalidArgumentError("grid needs PROMPT or --from FILE"));
    }
    const Interrupt interrupt;
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    v1::ImageParameters base;
    if (!from_.empty()) {
      const ExitCode code = Restore(**connection, base);
      if (code != ExitCode::kDone) return code;
    }
    if (!arguments.empty()) base.set_prompt(arguments[0]);
    picture_.Apply(base);
    const absl::StatusOr<GridPlan> plan = PlanGrid(std::move(base), axes_, RandomSeed);
    if (!plan.ok()) return FailUsage(plan.status());
    const PictureWriter writer(GridPath());
    absl::Status writable = writer.Prepare();
    if (writable.ok() && !cells_.empty()) writable = PictureWriter(cells_).Prepare();
    if (!writable.ok()) return FailLocally(writable);
    return Make((*connection)->jobs(), *plan, writer, interrupt.token());
  }

 private:
  static std::string AxisHelp(std::size_t axis) {
    constexpr std::array<absl::string_view, 3> kWhere = {"over the columns", "beside the rows",
                                                         "over blocks of rows and columns"};
    return absl::StrCat("what varies, ", kWhere[axis]);
  }

  // The axes too, of a grid, unless others were given.
  ExitCode Restore(Connection& connection, v1::ImageParameters& base) {
    const absl::StatusOr<std::string> infotext = ReadPictureText(from_);
    if (!infotext.ok()) return FailLocally(infotext.status());
    const GridText text = SplitGridInfotext(*infotext);
    const bool given =
        std::any_of(axes_.begin(), axes_.end(), [](const auto& axis) { return axis.has_value(); });
    for (std::size_t i = 0; i < axes_.size() && !given; ++i) {
      if (text.axes[i].empty()) continue;
      absl::StatusOr<Axis> axis = ParseAxis(text.axes[i]);
      if (!axis.ok()) {
        return FailLocally(absl::InvalidArgumentError(absl::StrCat(
            from_, ": ", axis.status().message(), "; give the axes yourself with --x, --y, --z")));
      }
      axes_[i] = *std::move(axis);
    }
    return RestoreParameters(connection, connect_.server, text.first_picture, base);
  }

  std::string GridPath() const {
    if (out_.empty()) return "grid.png";
    return absl::EndsWithIgnoreCase(out_, ".png") ? out_ : absl::StrCat(out_, "/grid.png");
  }

  ExitCode Make(JobApi& api, const GridPlan& plan, const PictureWriter& writer,
                std::stop_token stop) const {
    ProgressView view;
    const absl::Time begin = absl::Now();
    JobBatch batch(api, BatchPolicy(), std::move(stop), [&](const BatchProgress& progress) {
      view.Show(LineOf(progress, absl::Now() - begin));
    });
    const absl::StatusOr<std::vector<BatchResult>> results = batch.Run(Requests(plan));
    view.Clear();
    if (absl::IsCancelled(results.status())) {
      PrintNote(absl::StrCat("interrupted; cancelled ", batch.cancelled(), " jobs"));
      return ExitCode::kInterrupted;
    }
    if (!results.ok()) {
      const ExitCode code = Fail(results.status(), connect_.server);
      if (code == ExitCode::kRefused) {
        PrintNote(absl::StrCat("  the cell: ", plan.CellName(batch.refused())));
      }
      return code;
    }
    const absl::Status written = Write(plan, *results, writer);
    if (!written.ok()) return FailLocally(written);
    return Report(plan, *results);
  }

  absl::Status Write(const GridPlan& plan, const std::vector<BatchResult>& results,
                     const PictureWriter& writer) const {
    Picture grid;
    DARKROOM_ASSIGN_OR_RETURN(grid.bytes, GridPng(plan, results));
    DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path path, writer.Write(grid));
    PrintResult(path.string());
    for (std::size_t i = 0; i < results.size() && !cells_.empty(); ++i) {
      if (!results[i].status.ok()) continue;
      const PictureWriter cell(absl::StrCat(cells_, "/", CellStem(plan, i), ".png"));
      DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path file, cell.Write(results[i].picture));
      PrintResult(file.string());
    }
    return absl::OkStatus();
  }

  static ExitCode Report(const GridPlan& plan, const std::vector<BatchResult>& results) {
    ExitCode code = ExitCode::kDone;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].status.ok()) continue;
      code = ExitCode::kJobFailed;
      PrintNote(absl::StrCat("darkroom: ", plan.CellName(i), ": ", results[i].status.message(),
                             " (", results[i].job.name(), ")"));
    }
    return code;
  }

  GridAxes axes_;
  std::string out_;
  std::string cells_;
  std::string from_;
  PictureOptions picture_;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewGridCommand() { return std::make_unique<GridCommand>(); }

}  // namespace darkroom::cli
