#ifndef DARKROOM_SERVER_REST_SCHEMAS_H_
#define DARKROOM_SERVER_REST_SCHEMAS_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace darkroom::server::rest {

// JSON Schemas of messages and enums as protobuf's JSON mapping has them, made of ApiDescriptors().
class Schemas {
 public:
  // {"$ref": "#/components/schemas/Job"}. The type, and all that it is made of, is added.
  std::string Refer(absl::string_view full_name);
  // Of a field, with its comment.
  std::string OfField(const google::protobuf::FieldDescriptor& field);
  // All that were referred to, for components/schemas.
  std::string Text() const;

 private:
  std::string ReferMessage(const google::protobuf::Descriptor& message);
  std::string ReferEnum(const google::protobuf::EnumDescriptor& type);
  std::string OfValue(const google::protobuf::FieldDescriptor& field);

  std::map<std::string, std::string> schemas_;
};

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_SCHEMAS_H_
