#ifndef DARKROOM_CLI_DOCTOR_DOCTOR_H_
#define DARKROOM_CLI_DOCTOR_DOCTOR_H_

#include <string>

#include "cli/doctor/finding.h"

namespace darkroom::cli {

// Asks the programs that lie beside this one for their settings, and then looks at everything that
// these name, as far as it is of this machine: ports, Redis, device, models, disks. `config` is the
// file of settings, empty for none but the environment's. Changes nothing. Blocks, a minute at most
// on a slow machine.
Findings Examine(const std::string& config);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_DOCTOR_H_
