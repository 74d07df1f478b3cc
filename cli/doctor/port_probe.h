#ifndef DARKROOM_CLI_DOCTOR_PORT_PROBE_H_
#define DARKROOM_CLI_DOCTOR_PORT_PROBE_H_

#include <string>

#include "cli/doctor/service_checks.h"

namespace darkroom::cli {

// Whether `address` is free, and otherwise who listens there: a gateway, by its health service, for
// the setting "listen", a process' /healthz for "metrics_listen". Blocks, some seconds at most.
PortFacts ProbePort(const std::string& process, const std::string& setting,
                    const std::string& address);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_PORT_PROBE_H_
