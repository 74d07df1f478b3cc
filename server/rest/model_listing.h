#ifndef DARKROOM_SERVER_REST_MODEL_LISTING_H_
#define DARKROOM_SERVER_REST_MODEL_LISTING_H_

#include <string>

#include "darkroom/v1/model.pb.h"
#include "darkroom/v1/model_service.pb.h"

namespace darkroom::server::rest {

// Models as JSON, with what OpenAI's clients look for at the same paths beside our own: "object",
// "data", "id", "created" and "owned_by", which are no names of ours. Pure.

std::string ModelListJson(const darkroom::v1::ListModelsResponse& response);
std::string ModelJson(const darkroom::v1::Model& model);

// JSON Schemas of what is beside.
extern const char kModelListMembers[];
extern const char kModelMembers[];

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_MODEL_LISTING_H_
