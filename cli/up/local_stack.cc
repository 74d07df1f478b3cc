#include "cli/up/local_stack.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/up/programs.h"
#include "cli/up/redis_config.h"
#include "common/config_file.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:50051";
// The port of AUTOMATIC1111, where clients of its look at first.
constexpr char kDefaultHttpListen[] = "127.0.0.1:7860";
constexpr absl::Duration kStartTimeout = absl::Minutes(3);  // a large model from a slow disk
constexpr absl::Duration kProbeTimeout = absl::Milliseconds(500);
constexpr absl::Duration kGrace = absl::Seconds(20);           // to finish what is being worked on
constexpr std::size_t kMaxStyleBytes = std::size_t{64} << 20;  // the gateway has a bound of its own

absl::Status CheckRedis(const HostPort& address, absl::string_view password) {
  DARKROOM_ASSIGN_OR_RETURN(
      const std::string answer,
      Exchange(address, absl::StrCat("AUTH ", password, "\r\nPING\r\n"), kProbeTimeout));
  // While it loads its data, it says so instead.
  if (absl::StrContains(answer, "+PONG")) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("redis-server answers: ", answer));
}

// Where the option says, a free port for port 0.
absl::StatusOr<HostPort> ReserveFor(absl::string_view option, const HostPort& address) {
  absl::StatusOr<HostPort> reserved = ReservePort(address);
  if (!absl::IsAlreadyExists(reserved.status())) return reserved;
  return absl::AlreadyExistsError(
      absl::StrCat(reserved.status().message(), "; choose another port with --", option,
                   ", as in --", option, " ", address.host, ":0 for a free one"));
}

HostPort Nearby(HostPort address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  return address;
}

}  // namespace

void StackOptions::Declare(OptionParser& options) {
  options.Add({"config", "FILE",
               "file of settings for the processes, as deploy/darkroom.toml; options go before it",
               "DARKROOM_CONFIG"},
              &config);
  options.Add({"listen", "HOST:PORT",
               "the API's address; port 0: a free one; default 127.0.0.1:50051", "DARKROOM_LISTEN"},
              &listen);
  options.Add({"http_listen", "HOST:PORT",
               "the HTTP API's address; default 127.0.0.1:7860, or a free port where that is taken",
               "DARKROOM_HTTP_LISTEN"},
              &http_listen);
  options.Add({"data_dir", "DIR", "jobs and logs; default: ~/.local/share/darkroom", ""},
              &data_dir);
  options.Add({"models", "PATH",
               "folder of models, or one .safetensors checkpoint; default: the folder that came "
               "along",
               "DARKROOM_MODELS"},
              &models);
  options.Add({"loras", "PATH",
               "folder of LoRA files; default: Lora and LyCORIS in the folder of models", ""},
              &loras);
  options.Add(
      {"embeddings", "PATH",
       "folder of embeddings; default: embeddings in the folder of models or beside it", ""},
      &embeddings);
  options.Add({"upscalers", "PATH",
               "folder of upscalers; default: ESRGAN and RealESRGAN in the folder of models", ""},
              &upscalers);
  options.Add({"styles", "FILE", "styles for prompts, AUTOMATIC1111's styles.csv", ""}, &styles);
  options.Add({"device", "NAME", "what the worker computes on: cpu, cuda, ...", "DARKROOM_DEVICE"},
              &device);
  options.Add({"threads", "N", "threads of a worker on the CPU", "DARKROOM_THREADS"}, &threads);
  options.Add({"redis_memory", "SIZE", "most memory of redis-server; default 512mb", ""},
              &redis_memory);
  options.Add({"worker_binary", "PATH", "another program in place of darkroom-worker", ""},
              &worker_binary);
  options.Add({"worker_argument", "TEXT", "added to the worker's command line; repeatable", ""},
              &worker_arguments);
}

LocalStack::LocalStack(StackOptions options, std::function<void(absl::string_view)> tell)
    : options_(std::move(options)),
      tell_(std::move(tell)),
      supervisor_({RestartPolicy::Limits(), kGrace, tell_}) {}

absl::Status LocalStack::TakeConfig() {
  ConfigFile config;
  if (!options_.config.empty()) {
    options_.config = std::filesystem::absolute(options_.config).string();
    config = ReadConfig(options_.config);
  }
  if (!config.complaints.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(config.complaints, "\n"));
  }
  if (options_.listen.empty()) {
    const ConfigEntry* listen = FindEntry(config, "gateway", "listen");
    options_.listen = listen == nullptr ? kDefaultListen : listen->value;
  }
  if (options_.http_listen.empty()) {
    const ConfigEntry* listen = FindEntry(config, "gateway", "http_listen");
    if (listen != nullptr && listen->value.empty()) {
      return absl::InvalidArgumentError(
          "gateway.http_listen is empty, and `darkroom up` always serves HTTP: name an address of "
          "this machine alone, as in \"127.0.0.1:7860\", or leave the line out");
    }
    if (listen != nullptr) options_.http_listen = listen->value;
  }
  const bool has_models = FindEntry(config, "worker", "models") != nullptr;
  if (options_.models.empty() && !has_models && options_.worker_binary.empty()) {
    DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path models, FindModels());
    options_.models = models.string();
  }
  return absl::OkStatus();
}

absl::Status LocalStack::Prepare() {
  DARKROOM_RETURN_IF_ERROR(TakeConfig());
  if (!options_.styles.empty()) {  // before the gateway fails on it again and again
    DARKROOM_RETURN_IF_ERROR(ReadFile(options_.styles, kMaxStyleBytes).status());
  }
  DARKROOM_ASSIGN_OR_RETURN(address_, ParseHostPort(options_.listen));
  DARKROOM_ASSIGN_OR_RETURN(
      http_,
      ParseHostPort(options_.http_listen.empty() ? kDefaultHttpListen : options_.http_listen));
  DARKROOM_ASSIGN_OR_RETURN(
      DataDir data,
      DataDir::Open(options_.data_dir.empty() ? DataDir::Default() : options_.data_dir.c_str()));
  data_.emplace(std::move(data));
  return ReservePorts();
}

absl::Status LocalStack::ReservePorts() {
  DARKROOM_ASSIGN_OR_RETURN(address_, ReserveFor("listen", address_));
  if (!options_.http_listen.empty()) {
    DARKROOM_ASSIGN_OR_RETURN(http_, ReserveFor("http_listen", http_));
  } else if (const auto usual = ReservePort(http_); usual.ok()) {
    http_ = *usual;
  } else {
    DARKROOM_ASSIGN_OR_RETURN(http_, ReservePort({http_.host, 0}));
  }
  DARKROOM_ASSIGN_OR_RETURN(redis_, ReservePort({"127.0.0.1", 0}));
  return absl::OkStatus();
}

absl::Status LocalStack::Start(const Pause& pause) {
  DARKROOM_RETURN_IF_ERROR(Prepare());
  DARKROOM_RETURN_IF_ERROR(StartRedis(pause));
  DARKROOM_RETURN_IF_ERROR(StartScheduler());
  DARKROOM_RETURN_IF_ERROR(StartWorker());
  DARKROOM_RETURN_IF_ERROR(StartGateway());
  DARKROOM_RETURN_IF_ERROR(Connect());
  DARKROOM_RETURN_IF_ERROR(WaitUntil("gateway", pause, [this] { return CheckGateway(); }));
  return WaitUntil("worker", pause, [this] { return CheckModels(); });
}

absl::Status LocalStack::StartRedis(const Pause& pause) {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path program, FindRedisServer());
  // Every user of the machine can connect to the port.
  const std::string password = RandomId();
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(data_->redis_password(), password));
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(
      data_->redis_config(),
      RedisConfig({redis_.port, data_->redis(), options_.redis_memory, password})));
  DARKROOM_RETURN_IF_ERROR(supervisor_.Add(
      {"redis-server", RedisCommandLine(program, data_->redis_config(), data_->redis()),
       data_->log("redis-server")}));
  return WaitUntil("redis-server", pause, [&] { return CheckRedis(redis_, password); });
}

std::vector<std::string> LocalStack::CommandLine(const std::filesystem::path& program) const {
  std::vector<std::string> line = {std::filesystem::absolute(program), "--redis", redis_.ToString(),
                                   "--redis_password_file", data_->redis_password()};
  if (!options_.config.empty()) {
    // Redis is the stack's own, wherever the file looks for one.
    line.insert(line.end(), {"--config", options_.config, "--redis_sentinels="});
  }
  return line;
}

absl::Status LocalStack::StartScheduler() {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path program, FindSibling("darkroom-scheduler"));
  return supervisor_.Add({"scheduler", CommandLine(program), data_->log("scheduler")});
}

absl::Status LocalStack::StartWorker() {
  // The worker shares its cores with everything else here: OpenMP threads that spin while they wait
  // for each other would take them from whoever they wait for. A setting of the user's own stays.
  setenv("OMP_WAIT_POLICY", "passive", /*replace=*/0);
  std::vector<std::string> line;
  if (!options_.worker_binary.empty()) {
    line = CommandLine(options_.worker_binary);
  } else {
    DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path program, FindSibling("darkroom-worker"));
    line = CommandLine(program);
    if (!options_.models.empty()) line.insert(line.end(), {"--models", options_.models});
    if (!options_.loras.empty()) line.insert(line.end(), {"--loras", options_.loras});
    if (!options_.embeddings.empty()) {
      line.insert(line.end(), {"--embeddings", options_.embeddings});
    }
    if (!options_.upscalers.empty()) line.insert(line.end(), {"--upscalers", options_.upscalers});
    if (!options_.device.empty()) line.insert(line.end(), {"--device", options_.device});
    if (options_.threads.has_value()) {
      line.insert(line.end(), {"--threads", absl::StrCat(*options_.threads)});
    }
  }
  line.insert(line.end(), options_.worker_arguments.begin(), options_.worker_arguments.end());
  return supervisor_.Add({"worker", std::move(line), data_->log("worker")});
}

absl::Status LocalStack::StartGateway() {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path program, FindSibling("darkroom-gateway"));
  std::vector<std::string> line = CommandLine(program);
  line.insert(line.end(), {"--listen", address_.ToString(), "--http_listen", http_.ToString()});
  if (!options_.styles.empty()) {
    line.insert(line.end(), {"--styles", std::filesystem::absolute(options_.styles).string()});
  }
  return supervisor_.Add({"gateway", std::move(line), data_->log("gateway")});
}

absl::Status LocalStack::Connect() {
  DARKROOM_ASSIGN_OR_RETURN(connection_, Connection::Open({Nearby(address_).ToString(), ""}));
  return absl::OkStatus();
}

std::string LocalStack::page() const {
  return absl::StrCat("http://", Nearby(http_).ToString(), "/");
}

absl::Status LocalStack::CheckGateway() {
  DARKROOM_RETURN_IF_ERROR(connection_->CheckHealth(kProbeTimeout));
  DARKROOM_ASSIGN_OR_RETURN(
      const std::string answer,
      Exchange(Nearby(http_), "GET /healthz HTTP/1.0\r\n\r\n", kProbeTimeout));
  if (absl::StartsWith(answer, "HTTP/1.1 200 ")) return absl::OkStatus();
  return absl::UnavailableError("the gateway does not serve HTTP yet");
}

absl::Status LocalStack::CheckModels() {
  DARKROOM_ASSIGN_OR_RETURN(const auto listed, connection_->ListModels({}));
  for (const v1::Model& model : listed.models()) {
    if (model.workers() > 0) return absl::OkStatus();
  }
  return absl::UnavailableError("no worker serves a model yet");
}

absl::Status LocalStack::WaitUntil(const std::string& process, const Pause& pause,
                                   const std::function<absl::Status()>& ready) {
  const absl::Time last = absl::Now() + kStartTimeout;
  while (true) {
    DARKROOM_RETURN_IF_ERROR(supervisor_.Poll());
    const absl::Status status = ready();
    if (status.ok()) return absl::OkStatus();
    if (absl::Now() > last) {
      return absl::DeadlineExceededError(
          absl::StrCat("the ", process, " is not ready after ", absl::FormatDuration(kStartTimeout),
                       ": ", status.message(), ". Its log, ", data_->log(process).string(),
                       ", ends so:\n", LogTail(data_->log(process), kLogTailBytes)));
    }
    if (pause()) return absl::CancelledError("interrupted");
  }
}

}  // namespace darkroom::cli
