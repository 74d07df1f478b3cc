#ifndef DARKROOM_SERVER_REST_API_DESCRIPTORS_H_
#define DARKROOM_SERVER_REST_API_DESCRIPTORS_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "common/embedded_file.h"
#include "google/protobuf/descriptor.h"

namespace darkroom::server::rest {

// The .proto files of darkroom.v1 with their comments, which generated code does not keep: one
// file, a google.protobuf.FileDescriptorSet.
absl::Span<const EmbeddedFile> ApiDescriptorFiles();

// The same, ready to be asked. Thread-safe.
const google::protobuf::DescriptorPool& ApiDescriptors();

// The comment of a message, field or value as one paragraph; empty without one.
template <typename Described>
std::string CommentOf(const Described& described) {
  google::protobuf::SourceLocation location;
  if (!described.GetSourceLocation(&location)) return "";
  std::string comment = location.leading_comments;
  absl::StripAsciiWhitespace(&comment);
  return absl::StrReplaceAll(comment, {{"\n ", " "}, {"\n", " "}});
}

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_API_DESCRIPTORS_H_
