#ifndef DARKROOM_CLI_LOAD_LOAD_RUN_H_
#define DARKROOM_CLI_LOAD_LOAD_RUN_H_

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/connection.h"
#include "cli/load/load_plan.h"
#include "cli/load/load_report.h"

namespace darkroom::cli {

// Somebody who asks.
struct LoadTenant {
  std::string name;
  std::unique_ptr<Connection> connection;
};

// Asks for every job of the plan when it is due, each on a thread and stream of its own, whatever
// became of those before, and follows it to its end. With `most_open` streams open, further jobs
// are not sent, which is a result too. Broken streams are taken up again, as by `darkroom
// generate`. Returns a result for each arrival, in their order; after `stop` those that have not
// ended are lost, and their jobs go on.
std::vector<LoadResult> RunLoad(const LoadPlan& plan, const std::vector<LoadTenant>& tenants,
                                int most_open, const std::stop_token& stop);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_LOAD_LOAD_RUN_H_
