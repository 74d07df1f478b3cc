#ifndef DARKROOM_SERVER_HTTP_REQUEST_H_
#define DARKROOM_SERVER_HTTP_REQUEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/core/caller.h"

namespace darkroom::server::http {

struct Field {
  std::string name;
  std::string value;

  friend bool operator==(const Field&, const Field&) = default;
};

// A request as it was read, and what the listener found out about it.
struct Request {
  std::string method;       // "GET"
  std::string path;         // as it was sent, with its percent escapes: "/v1/jobs/0a"
  std::string query;        // behind the "?", likewise
  bool persistent = false;  // the client takes further answers on its connection
  bool chunks = false;      // it understands an answer in chunks: HTTP/1.1
  std::vector<Field> headers;
  std::string body;

  std::string id;                  // see request_id.h
  std::string peer;                // as gRPC names it: "ipv4:192.0.2.1:4711"
  Caller caller;                   // of routes that ask for one
  std::vector<Field> path_values;  // of the route's pattern, unescaped

  // The values of a header in their order, with ", " between them; empty without one.
  std::string Header(absl::string_view name) const;
  // Of the pattern that the request's route has; empty of a name that it has not.
  absl::string_view PathValue(absl::string_view name) const;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_REQUEST_H_
