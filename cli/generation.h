#ifndef DARKROOM_CLI_GENERATION_H_
#define DARKROOM_CLI_GENERATION_H_

#include <stop_token>

#include "absl/strings/string_view.h"
#include "cli/exit_code.h"
#include "cli/generate_options.h"
#include "cli/job_api.h"

namespace darkroom::cli {

// Makes one request's pictures and writes them into files: what `generate` does, and `up` after its
// start. The request has an id; of the options only those about output count. `stop` cancels the
// job. `server` is for messages. Prints everything itself.
ExitCode GeneratePictures(JobApi& api, absl::string_view server,
                          const v1::GenerateImageRequest& request, const GenerateOptions& options,
                          std::stop_token stop);

// Asks what the request would cost and how long it would wait, and prints that; no job is made.
ExitCode ForeseePictures(JobApi& api, absl::string_view server,
                         const v1::GenerateImageRequest& request, bool json);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GENERATION_H_
