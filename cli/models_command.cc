#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/all_pages.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

absl::string_view TaskText(v1::ModelTask task) {
  switch (task) {
    case v1::MODEL_TASK_INPAINTING:
      return "pictures of texts, inpainting";
    case v1::MODEL_TASK_INSTRUCTION:
      return "pictures changed by instruction; needs --init_image";
    default:
      return "pictures of texts";
  }
}

std::string ModelText(const v1::Model& model) {
  return absl::StrCat(
      "model: ", model.name(), "\nname: ", model.display_name(),
      "\nmakes: ", TaskText(model.task()), "\nhash: ", model.hash(),
      "\nsize: ", model.default_width(), "x", model.default_height(), ", at most ",
      model.max_side(), " a side and ", model.max_pixels(), " pixels, multiples of ",
      model.size_multiple(), "\nimages: at most ", model.max_images(),
      "\nsteps: ", model.default_steps(), ", at most ", model.max_steps(), "\nclip skip: at most ",
      model.max_clip_skip(), "\nguidance: ", model.default_guidance_scale(),
      "\nsamplers: ", absl::StrJoin(model.samplers(), ", "), " (default ", model.default_sampler(),
      ")\nschedules: ", absl::StrJoin(model.schedules(), ", "), " (default ",
      model.default_schedule(), ")\nstep time: ",
      model.step_milliseconds() > 0 ? absl::StrCat(model.step_milliseconds(), " ms") : "unknown",
      "\nworkers: ", model.workers());
}

class ModelsCommand final : public Command {
 public:
  CommandText text() const override {
    return {"models", "[MODEL]", "List the models, or explain one",
            "Lists the models of the server; with a model's name, its limits, samplers and\n"
            "defaults.",
            "  darkroom models\n"
            "  darkroom models demo\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    if (arguments.empty()) return List(**connection);
    const absl::StatusOr<v1::Model> model = (*connection)->GetModel(arguments[0]);
    if (!model.ok()) return Fail(model.status(), connect_.server);
    PrintResult(json_ ? ToJson(*model) : ModelText(*model));
    return ExitCode::kDone;
  }

 private:
  ExitCode List(Connection& connection) const {
    const auto listed = AllPages<v1::ListModelsResponse>(
        v1::ListModelsRequest(), [&](const auto& page) { return connection.ListModels(page); });
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    Print(*listed);
    return ExitCode::kDone;
  }

  void Print(const v1::ListModelsResponse& listed) const {
    if (json_) return PrintResult(ToJson(listed));
    if (listed.models().empty()) return PrintNote("no models: no worker has served one yet");
    std::vector<std::vector<std::string>> rows = {{"MODEL", "SIZE", "STEPS", "WORKERS", "NAME"}};
    for (const v1::Model& model : listed.models()) {
      rows.push_back({model.name(),
                      absl::StrCat(model.default_width(), "x", model.default_height()),
                      absl::StrCat(model.default_steps()), absl::StrCat(model.workers()),
                      Shortened(model.display_name(), 40)});
    }
    PrintResult(TableText(rows));
  }

  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewModelsCommand() { return std::make_unique<ModelsCommand>(); }

}  // namespace darkroom::cli
