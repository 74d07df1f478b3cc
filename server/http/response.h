#ifndef DARKROOM_SERVER_HTTP_RESPONSE_H_
#define DARKROOM_SERVER_HTTP_RESPONSE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// An answer, or the head of one that is written piece by piece.
struct Response {
  int status = 200;
  // Beside those that the connection adds: the body's length, and whether the connection stays.
  std::vector<Field> headers = {};
  std::shared_ptr<const std::string> body = {};  // null: empty
};

Response MakeResponse(int status, absl::string_view content_type, std::string body);
Response JsonResponse(std::string json, int status = 200);

// Not 204 and 304, which do not tell its length either.
bool MayHaveBody(int status);

// "OK", "Not Found"; "Unknown" of a status that has no name.
absl::string_view ReasonPhrase(int status);

// The first lines of an answer, with the empty one: the status, its headers and those of every
// answer of this server (X-Content-Type-Options, and Cache-Control: no-store where it says nothing
// else). What would end a header early is left out of its value. Pure.
std::string SerializeHead(const Response& response);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_RESPONSE_H_
