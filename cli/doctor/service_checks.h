#ifndef DARKROOM_CLI_DOCTOR_SERVICE_CHECKS_H_
#define DARKROOM_CLI_DOCTOR_SERVICE_CHECKS_H_

#include <string>
#include <vector>

#include "cli/doctor/finding.h"
#include "common/config_file.h"

namespace darkroom::cli {

// A program of the service and what it made of its settings, by its --check_config.
struct ProgramFacts {
  std::string process;          // "gateway"
  bool installed = false;       // it lies beside this program, and could be asked
  int exit_status = 0;          // of --check_config
  std::string complaints = {};  // what it wrote on stderr
  ConfigFile settings = {};     // what it goes by; empty where it could not tell
};

// Its setting, "" without. Pure.
std::string SettingOf(const ProgramFacts& program, absl::string_view key);

// One finding for each program; that one is not here is all right as long as another is. Pure.
Findings CheckPrograms(const std::vector<ProgramFacts>& programs);

// An address at which a process listens, or is to.
struct PortFacts {
  enum class State {
    kFree,        // nobody listens
    kServing,     // a process of ours does, and is well
    kUnwell,      // one does, and says that it is not
    kTaken,       // something else does
    kImpossible,  // this machine cannot listen there
  };
  std::string process;  // "gateway"
  std::string setting;  // "listen" or "metrics_listen"
  std::string address;
  State state = State::kFree;
  std::string why = {};  // of the last three
};

// One finding for each, and one for every two that are the same. Pure.
Findings CheckPorts(const std::vector<PortFacts>& ports);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_SERVICE_CHECKS_H_
