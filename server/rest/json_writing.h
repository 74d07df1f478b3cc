#ifndef DARKROOM_SERVER_REST_JSON_WRITING_H_
#define DARKROOM_SERVER_REST_JSON_WRITING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/http/json.h"

namespace darkroom::server::rest {

// Pieces of JSON put together, in the order in which they were given.

class JsonObject {
 public:
  JsonObject& Add(absl::string_view name, absl::string_view json) {
    members_.push_back(absl::StrCat(http::Quoted(name), ":", json));
    return *this;
  }
  // Left out when it is empty.
  JsonObject& AddText(absl::string_view name, absl::string_view text) {
    return text.empty() ? *this : Add(name, http::Quoted(text));
  }
  std::string Text() const { return absl::StrCat("{", absl::StrJoin(members_, ","), "}"); }

 private:
  std::vector<std::string> members_;
};

inline std::string JsonArray(const std::vector<std::string>& elements) {
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_JSON_WRITING_H_
