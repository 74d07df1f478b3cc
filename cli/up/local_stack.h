#ifndef DARKROOM_CLI_UP_LOCAL_STACK_H_
#define DARKROOM_CLI_UP_LOCAL_STACK_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "cli/option_parser.h"
#include "cli/up/data_dir.h"
#include "cli/up/port.h"
#include "cli/up/supervisor.h"

namespace darkroom::cli {

// What `up` can be told about the processes.
struct StackOptions {
  std::string config;                         // file of settings for the processes; empty: none
  std::string listen;                         // empty: as config says, or 127.0.0.1:50051
  std::string http_listen;                    // likewise, or 127.0.0.1:7860, or a free port
  std::string data_dir;                       // empty: DataDir::Default()
  std::string models;                         // empty: as config says, or FindModels()
  std::string loras;                          // empty: those in the folder of models
  std::string embeddings;                     // likewise, or beside it
  std::string upscalers;                      // empty: those in the folder of models
  std::string styles;                         // a file of AUTOMATIC1111's form; empty: none
  std::string device;                         // empty: the worker's default
  std::optional<std::int64_t> threads;        // of the worker
  std::string redis_memory = "512mb";         // a redis.conf size
  std::string worker_binary;                  // another program in place of darkroom-worker
  std::vector<std::string> worker_arguments;  // added to the worker's command line

  void Declare(OptionParser& options);
};

// redis-server, scheduler, worker and gateway as children of this process. Used on the main thread.
class LocalStack {
 public:
  // Waits between two looks at the children; true when the user wants to stop.
  using Pause = std::function<bool()>;

  // `tell` is given one sentence about everything worth knowing.
  LocalStack(StackOptions options, std::function<void(absl::string_view)> tell);

  // Starts everything and returns when a job can be worked on. The destructor stops what was
  // started. CANCELLED when `pause` said so; otherwise an error whose message says what to do.
  absl::Status Start(const Pause& pause);
  // Restarts children that have died; call it a few times a second. ABORTED when one keeps dying.
  absl::Status Poll() { return supervisor_.Poll(); }

  // Of the gateway; after Start.
  const HostPort& address() const { return address_; }
  // Where a browser on this machine finds the page: "http://127.0.0.1:7860/".
  std::string page() const;
  Connection& connection() { return *connection_; }
  const DataDir& data() const { return *data_; }

 private:
  absl::Status Prepare();
  // What the file of settings says instead of an option that was not given.
  absl::Status TakeConfig();
  // Finds where the APIs are to be, and Redis.
  absl::Status ReservePorts();
  absl::Status StartRedis(const Pause& pause);
  // The program with the arguments that every process of ours takes.
  std::vector<std::string> CommandLine(const std::filesystem::path& program) const;
  absl::Status StartScheduler();
  absl::Status StartWorker();
  absl::Status StartGateway();
  absl::Status Connect();
  absl::Status WaitUntil(const std::string& process, const Pause& pause,
                         const std::function<absl::Status()>& ready);
  absl::Status CheckGateway();
  absl::Status CheckModels();

  StackOptions options_;
  const std::function<void(absl::string_view)> tell_;
  std::optional<DataDir> data_;
  HostPort address_;
  HostPort http_;
  HostPort redis_;
  std::unique_ptr<Connection> connection_;
  Supervisor supervisor_;  // last: stops the children while their data folder is still locked
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_LOCAL_STACK_H_
