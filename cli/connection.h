#ifndef DARKROOM_CLI_CONNECTION_H_
#define DARKROOM_CLI_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/job_api.h"
#include "cli/option_parser.h"
#include "darkroom/v1/admin_service.pb.h"
#include "darkroom/v1/fleet_service.pb.h"
#include "darkroom/v1/model_service.pb.h"
#include "darkroom/v1/prompt_service.pb.h"

namespace darkroom::cli {

// Where the server is and who asks.
struct ConnectionOptions {
  std::string server = "127.0.0.1:50051";
  std::string key_file;  // a file that holds the API key alone; empty: DARKROOM_API_KEY, or no key
  // Calls are part of the trace that the environment's TRACEPARENT names, if it is a traceparent of
  // W3C Trace Context. This: they are part of one in any case, and it is to be recorded.
  bool trace = false;

  void Declare(OptionParser& options);
};

// A connection to a gateway. It is made at the first call and renewed when it is lost. The only
// place of the command line that knows gRPC. Thread-safe.
class Connection {
 public:
  // Errors: the key file cannot be read or holds no usable key.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  ~Connection();

  JobApi& jobs();
  absl::StatusOr<v1::ListModelsResponse> ListModels(const v1::ListModelsRequest& request);
  // One page.
  absl::StatusOr<v1::ListAdaptersResponse> ListAdapters(const v1::ListAdaptersRequest& request);
  absl::StatusOr<v1::ListUpscalersResponse> ListUpscalers(const v1::ListUpscalersRequest& request);
  absl::StatusOr<v1::Model> GetModel(absl::string_view name_or_id);
  absl::StatusOr<v1::ExplainPromptResponse> ExplainPrompt(const v1::ExplainPromptRequest& request);
  absl::StatusOr<v1::ReadInfotextResponse> ReadInfotext(const v1::ReadInfotextRequest& request);
  absl::StatusOr<v1::ListStylesResponse> ListStyles();
  absl::StatusOr<v1::CreateKeyResponse> CreateKey(const v1::CreateKeyRequest& request);
  absl::StatusOr<v1::ListKeysResponse> ListKeys(const v1::ListKeysRequest& request);  // one page
  absl::StatusOr<v1::RotateKeyResponse> RotateKey(const v1::RotateKeyRequest& request);
  absl::StatusOr<v1::ApiKey> RevokeKey(const v1::RevokeKeyRequest& request);
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(
      const v1::ListDeadLettersRequest& request);  // one page
  absl::StatusOr<v1::RequeueDeadLetterResponse> RequeueDeadLetter(
      const v1::RequeueDeadLetterRequest& request);
  absl::StatusOr<v1::ListAuditEntriesResponse> ListAuditEntries(
      const v1::ListAuditEntriesRequest& request);  // one page
  absl::StatusOr<v1::ListWorkersResponse> ListWorkers();
  // By resource name.
  absl::StatusOr<v1::Worker> PauseWorker(const std::string& name);
  absl::StatusOr<v1::Worker> ResumeWorker(const std::string& name);
  absl::StatusOr<v1::Worker> DrainWorker(const std::string& name);
  absl::StatusOr<v1::Fleet> GetFleet();
  // OK when the server's health service (grpc.health.v1) says SERVING, FAILED_PRECONDITION when it
  // says something else.
  absl::Status CheckHealth(absl::Duration timeout);

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// The resource name of a model, "models/{model}", of that or of its id.
std::string ModelName(absl::string_view name_or_id);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_CONNECTION_H_
