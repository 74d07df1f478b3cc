#include "server/rest/model_listing.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/http/json.h"
#include "server/rest/json_writing.h"

namespace darkroom::server::rest {
namespace {

// A model as OpenAI's clients read it. When it was made, nobody knows.
JsonObject Described(const darkroom::v1::Model& model) {
  JsonObject object;
  object.AddText("id", absl::StripPrefix(model.name(), "models/"))
      .AddText("object", "model")
      .Add("created", "0")
      .AddText("owned_by", "darkroom");
  return object;
}

// One object of the members of two, neither of which has the other's.
std::string Joined(const std::string& first, const std::string& second) {
  if (second == "{}") return first;
  return absl::StrCat(absl::StripSuffix(first, "}"), ",", absl::StripPrefix(second, "{"));
}

}  // namespace

const char kModelListMembers[] =
    R"({"type":"object","description":"The same as OpenAI's clients read it.",)"
    R"("required":["object","data"],"properties":{"object":{"const":"list"},"data":{"type":)"
    R"("array","items":{"type":"object","required":["id","object","created","owned_by"],)"
    R"("properties":{"id":{"type":"string"},"object":{"const":"model"},"created":)"
    R"({"type":"integer"},"owned_by":{"type":"string"}}}}}})";
const char kModelMembers[] =
    R"({"type":"object","description":"The same as OpenAI's clients read it.",)"
    R"("required":["id","object","created","owned_by"],"properties":{"id":{"type":"string"},)"
    R"("object":{"const":"model"},"created":{"type":"integer"},"owned_by":{"type":"string"}}})";

std::string ModelListJson(const darkroom::v1::ListModelsResponse& response) {
  std::vector<std::string> data;
  for (const darkroom::v1::Model& model : response.models()) {
    data.push_back(Described(model).Text());
  }
  JsonObject list;
  list.AddText("object", "list").Add("data", JsonArray(data));
  return Joined(list.Text(), http::ToJson(response));
}

std::string ModelJson(const darkroom::v1::Model& model) {
  return Joined(Described(model).Text(), http::ToJson(model));
}

}  // namespace darkroom::server::rest
