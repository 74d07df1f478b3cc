#ifndef DARKROOM_SERVER_A1111_SETTINGS_H_
#define DARKROOM_SERVER_A1111_SETTINGS_H_

#include <string>
#include <vector>

#include "darkroom/v1/image_parameters.pb.h"
#include "google/protobuf/struct.pb.h"
#include "server/admission/model_catalogue.h"
#include "server/core/api_error.h"

namespace darkroom::server::a1111 {

// AUTOMATIC1111's settings: one object of the whole server there, one of each caller here. Pure.

// What `changes` has of the settings that are known here goes before `settings`; null takes one
// away.
google::protobuf::Struct MergedSettings(const google::protobuf::Struct& settings,
                                        const google::protobuf::Struct& changes);

// All settings that are known here, with their defaults where `settings` has none.
// `default_model` is the title of the model of requests that name none.
google::protobuf::Struct WithDefaults(const google::protobuf::Struct& settings,
                                      const std::string& default_model);

// Has the settings hold for a request. Those that have their default change nothing.
void ApplySettings(const google::protobuf::Struct& settings, const Models& models,
                   std::vector<FieldViolation>& violations, std::vector<std::string>& ignored,
                   darkroom::v1::ImageParameters& parameters);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_SETTINGS_H_
