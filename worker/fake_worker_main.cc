// darkroom-fake-worker: a worker without a model, for tests of the queue and the gateway. Its
// pictures are patterns and its steps take the time that they are told to.

#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "worker/diffusion/fake_backend.h"
#include "worker/engine/served_model.h"
#include "worker/worker_main.h"

ABSL_FLAG(double, fake_row_ms, 5, "milliseconds that a step takes for each image in it");
ABSL_FLAG(double, fake_decode_ms, 0, "milliseconds that the decoding of an image takes");
ABSL_FLAG(std::string, fake_nan_word, "",
          "prompts with this word fail, as by values that are not finite; empty: none");
ABSL_FLAG(std::string, fake_model_id, "fake", "name of the model, [a-z0-9._-]{1,64}");

namespace {

using darkroom::worker::LoadedModels;

absl::Status CheckId(const std::string& id) {
  if (darkroom::IsCatalogueId(id)) return absl::OkStatus();
  return absl::InvalidArgumentError("--fake_model_id is not of [a-z0-9._-]{1,64}");
}

std::vector<absl::Status> CheckModel() { return {CheckId(absl::GetFlag(FLAGS_fake_model_id))}; }

absl::StatusOr<LoadedModels> MakeModel(int max_rows) {
  const std::string id = absl::GetFlag(FLAGS_fake_model_id);
  DARKROOM_RETURN_IF_ERROR(CheckId(id));
  darkroom::diffusion::FakeBackendOptions options;
  options.max_rows = max_rows;
  options.time_per_row = absl::Milliseconds(absl::GetFlag(FLAGS_fake_row_ms));
  options.time_to_decode = absl::Milliseconds(absl::GetFlag(FLAGS_fake_decode_ms));
  options.nan_word = absl::GetFlag(FLAGS_fake_nan_word);
  LoadedModels loaded;
  loaded.device = "fake";
  loaded.served.models.push_back(
      {id, "Fake", std::make_unique<darkroom::diffusion::FakeBackend>(std::move(options))});
  loaded.served.traffic = [id] {
    return std::vector<darkroom::worker::ModelTraffic>{{.id = id, .loads = 1}};
  };
  return loaded;
}

}  // namespace

int main(int argc, char** argv) {
  return darkroom::worker::WorkerMain("Makes patterns for tests of a Darkroom pool.", argc, argv,
                                      MakeModel, CheckModel);
}
