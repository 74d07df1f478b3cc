#include "worker/worker_main.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/drain.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/metrics/metrics_flag.h"
#include "common/metrics/registry.h"
#include "common/settings.h"
#include "common/status_macros.h"
#include "common/trace/trace_flag.h"
#include "scheduler/redis/connect.h"
#include "scheduler/redis/redis_flags.h"

ABSL_FLAG(std::string, worker_id, "",
          "name of this worker, [a-z0-9._-]{1,64}, unlike any other's; empty: made from the host's "
          "name, the process number and chance");
ABSL_FLAG(int, max_rows, 16, "images denoised in one forward, at most");
ABSL_FLAG(int, capacity, 0, "images worked on at once, at most; 0: twice --max_rows");
ABSL_FLAG(absl::Duration, drain_grace, absl::Seconds(20),
          "how long running jobs may take to finish when the worker stops; those that cannot are "
          "handed back to the queue");
ABSL_FLAG(
    absl::Duration, save_interval, absl::Seconds(10),
    "a job's last step is kept, for a worker that takes the job over, once the steps since the "
    "one before have taken so long; inf: never, such jobs begin anew");
ABSL_FLAG(absl::Duration, stall_time, absl::Seconds(60),
          "a job that makes no step for so long is given up, to another worker; before its first, "
          "which loads the model, five times as long, and never less than 20 of its slowest steps");
ABSL_FLAG(absl::Duration, affinity_slack, absl::Seconds(30),
          "how much device time of others may go before a job for the sake of a model that is "
          "loaded; 0: none, models change as fairness says");
ABSL_FLAG(absl::Duration, fill_slack, absl::Seconds(15),
          "the same for the sake of a full batch; 0: batches are filled as fairness says");
ABSL_FLAG(std::vector<std::string>, loras, {},
          "where LoRA files are, separated by commas: .safetensors files, and folders of them; "
          "empty: Lora and LyCORIS of AUTOMATIC1111's models folder");
ABSL_FLAG(std::vector<std::string>, embeddings, {},
          "where the embeddings (textual inversions) are, separated by commas: .safetensors files, "
          "and folders of them; empty: embeddings in AUTOMATIC1111's models folder or beside it");
ABSL_FLAG(std::vector<std::string>, upscalers, {},
          "where the upscalers (ESRGAN, Real-ESRGAN) are, separated by commas: .safetensors files, "
          "and folders of them; empty: ESRGAN and RealESRGAN of AUTOMATIC1111's models folder");

namespace darkroom::worker {
namespace {

using scheduler::RedisOptions;
using scheduler::RedisPorts;

constexpr std::size_t kHostLetters = 40;

// The host's name as far as a catalogue id can hold it, this process, and a random part, since
// containers share names and process numbers.
std::string MadeUpId() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  std::string name = absl::AsciiStrToLower(host).substr(0, kHostLetters);
  for (char& c : name) {
    if (!IsCatalogueId(absl::string_view(&c, 1))) c = '-';
  }
  return absl::StrCat(name, "-", getpid(), "-", RandomId().substr(0, 8));
}

std::filesystem::path DecoderPath() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "darkroom-decode";
}

// They may be wrong: see CheckOptions.
WorkerOptions OptionsFromFlags() {
  WorkerOptions options;
  options.id = absl::GetFlag(FLAGS_worker_id);
  if (options.id.empty()) options.id = MadeUpId();
  options.max_rows = absl::GetFlag(FLAGS_max_rows);
  options.capacity = absl::GetFlag(FLAGS_capacity);
  if (options.capacity == 0) options.capacity = 2 * options.max_rows;
  options.drain_grace = absl::GetFlag(FLAGS_drain_grace);
  options.save_interval = absl::GetFlag(FLAGS_save_interval);
  options.stall_time = absl::GetFlag(FLAGS_stall_time);
  options.slack = {absl::GetFlag(FLAGS_affinity_slack), absl::GetFlag(FLAGS_fill_slack)};
  options.decoder = DecoderPath();
  return options;
}

// What is wrong with them.
std::vector<absl::Status> CheckOptions(const WorkerOptions& options) {
  std::vector<absl::Status> wrong;
  const auto require = [&wrong](bool condition, absl::string_view otherwise) {
    if (!condition) wrong.push_back(absl::InvalidArgumentError(otherwise));
  };
  require(IsCatalogueId(options.id), "--worker_id is not of [a-z0-9._-]{1,64}");
  require(options.max_rows >= 1, "--max_rows is less than 1");
  require(absl::GetFlag(FLAGS_capacity) >= 0, "--capacity is less than 0");
  require(options.drain_grace >= absl::ZeroDuration(), "--drain_grace is below 0");
  require(options.save_interval >= absl::Milliseconds(100), "--save_interval is below 100ms");
  require(options.stall_time >= absl::Seconds(1), "--stall_time is below 1s");
  for (const absl::Duration slack : {options.slack.affinity, options.slack.fill}) {
    require(slack >= absl::ZeroDuration() && slack <= absl::Hours(24),
            "--affinity_slack and --fill_slack are between 0 and 24 hours");
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(options.decoder, error)) {
    wrong.push_back(absl::NotFoundError(absl::StrCat(
        options.decoder.string(),
        " is missing, which lies beside the worker and decodes the pictures that users send; build "
        "it with `ninja darkroom-decode`")));
  }
  return wrong;
}

// What of these paths there is not.
void CheckPaths(absl::string_view flag, const std::vector<std::string>& values,
                std::vector<absl::Status>& wrong) {
  for (const std::string& value : values) {
    std::error_code error;
    if (std::filesystem::exists(value, error)) continue;
    wrong.push_back(absl::NotFoundError(absl::StrCat("--", flag, ": there is no ", value)));
  }
}

// The paths of a flag, or where it has none, those of the models' folders.
std::vector<std::filesystem::path> PathsOf(const std::vector<std::string>& values,
                                           std::vector<std::filesystem::path> otherwise) {
  if (values.empty()) return otherwise;
  return {values.begin(), values.end()};
}

AdapterRoots AdaptersFromFlags(const std::vector<std::filesystem::path>& models) {
  AdapterRoots usual = AdapterRootsOf(models);
  return {.loras = PathsOf(absl::GetFlag(FLAGS_loras), std::move(usual.loras)),
          .embeddings = PathsOf(absl::GetFlag(FLAGS_embeddings), std::move(usual.embeddings)),
          .upscalers = PathsOf(absl::GetFlag(FLAGS_upscalers), std::move(usual.upscalers))};
}

// Of all flags but those of the models.
std::vector<absl::Status> CheckFlags() {
  std::vector<absl::Status> wrong = scheduler::CheckRedisFlags();
  wrong.push_back(metrics::CheckMetricsFlag());
  wrong.push_back(trace::CheckTraceFlag());
  for (absl::Status& status : CheckOptions(OptionsFromFlags())) wrong.push_back(std::move(status));
  CheckPaths("loras", absl::GetFlag(FLAGS_loras), wrong);
  CheckPaths("embeddings", absl::GetFlag(FLAGS_embeddings), wrong);
  CheckPaths("upscalers", absl::GetFlag(FLAGS_upscalers), wrong);
  return wrong;
}

int ReportSettings(const Settings& settings, CheckModels check_models) {
  std::vector<absl::Status> wrong = CheckFlags();
  for (absl::Status& status : check_models()) wrong.push_back(std::move(status));
  return settings.Report(wrong);
}

absl::Status Run(DrainSignal& drain, LoadModels load) {
  DARKROOM_RETURN_IF_ERROR(FirstError(CheckFlags()));
  DARKROOM_ASSIGN_OR_RETURN(const RedisOptions redis, scheduler::RedisOptionsFromFlags());
  WorkerOptions options = OptionsFromFlags();
  DARKROOM_ASSIGN_OR_RETURN(LoadedModels loaded, load(options.max_rows));
  options.adapters = AdaptersFromFlags(loaded.roots);
  options.device = loaded.device;
  options.device_memory = loaded.device_memory;
  options.ask_to_drain = &DrainSignal::Request;
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<RedisPorts> store, scheduler::Connect(redis));
  metrics::Registry registry;
  if (metrics::AreServed()) options.metrics = &registry;
  // Outlives the worker, and has what is left sent.
  const std::unique_ptr<trace::SpanExporter> exporter =
      trace::ExporterFromFlag("darkroom-worker", options.id, options.metrics);
  options.spans = exporter.get();
  WorkerHealth health;
  options.health = &health;
  DARKROOM_ASSIGN_OR_RETURN(
      const std::unique_ptr<metrics::Listener> listener,
      metrics::ListenerFromFlag("worker", registry, [&health] { return health.status(); }));
  RunWorker(options, std::move(loaded.served),
            {store->leases(), store->events(), store->results(), store->models(), store->fleet()},
            [&drain] { drain.Wait(); });
  return absl::OkStatus();
}

}  // namespace

int WorkerMain(absl::string_view usage, int argc, char** argv, LoadModels load,
               CheckModels check_models) {
  const Settings settings = Settings::Parse("worker", usage, argc, argv);
  if (settings.only_check()) return ReportSettings(settings, check_models);
  if (const std::optional<int> asked = metrics::CheckHealthFromFlag()) return *asked;
  DrainSignal drain;
  log::Start("worker");
  const absl::Status status = Run(drain, load);
  if (!status.ok()) log::Error("worker failed", {{"why", status.message()}});
  log::Flush();
  return status.ok() ? 0 : 1;
}

}  // namespace darkroom::worker
