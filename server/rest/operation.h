#ifndef DARKROOM_SERVER_REST_OPERATION_H_
#define DARKROOM_SERVER_REST_OPERATION_H_

#include <cstddef>
#include <string>

#include "google/protobuf/descriptor.h"
#include "server/http/router.h"

namespace darkroom::server::rest {

// Room for a body that has little or nothing to say.
inline constexpr std::size_t kMaxEmptyRequestBytes = 1 << 10;
inline constexpr std::size_t kMaxSmallRequestBytes = 64 << 10;

// What an answer is made of.
enum class AnswerKind { kMessage, kEvents, kImage, kDocument };

// One route of the interface, as its document describes it.
struct Operation {
  std::string method;   // of HTTP
  std::string pattern;  // "/v1/jobs/{job}"
  std::string id;       // name of the method in darkroom.v1, "GetJob", or one like it
  std::string summary;  // one line
  // Field of the request that the path gives: all of it behind the version, "jobs/{job}". Empty:
  // none.
  std::string resource_field = {};
  http::Access access = http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE);
  std::size_t max_body_bytes = 0;  // of the request as JSON; 0: its fields are the query's
  AnswerKind answer = AnswerKind::kMessage;
  // Null where there is none.
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
  // JSON Schema of what else an answer has beside the message; empty: nothing.
  std::string more_members = {};
};

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_OPERATION_H_
