#ifndef DARKROOM_SERVER_CORE_CALLER_H_
#define DARKROOM_SERVER_CORE_CALLER_H_

#include <string>

namespace darkroom::server {

// Who calls.
struct Caller {
  std::string tenant;             // catalogue id; what it owns, nobody else sees
  std::string tier = "standard";  // catalogue id; see TierOf for one that no file has
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_CALLER_H_
