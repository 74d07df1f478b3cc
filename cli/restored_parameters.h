#ifndef DARKROOM_CLI_RESTORED_PARAMETERS_H_
#define DARKROOM_CLI_RESTORED_PARAMETERS_H_

#include <string>

#include "cli/connection.h"
#include "cli/exit_code.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::cli {

// Puts the parameters that a picture (or a text file, or "-") holds into `parameters`, as the
// server at `server` understands them, and prints its notes. kDone; otherwise the error has been
// printed.
ExitCode RestoreParameters(Connection& connection, const std::string& server,
                           const std::string& path, darkroom::v1::ImageParameters& parameters);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_RESTORED_PARAMETERS_H_
