#include "server/rest/rest_api.h"

#include <memory>
#include <string>
#include <vector>

#include "server/rest/openapi.h"

namespace darkroom::server::rest {
namespace {

// Anybody may know what there is.
Operation DocumentOperation() {
  Operation operation;
  operation.method = "GET";
  operation.pattern = "/v1/openapi.json";
  operation.id = "GetOpenApi";
  operation.summary = "Returns this document";
  operation.access = http::Access::Open();
  operation.answer = AnswerKind::kDocument;
  return operation;
}

}  // namespace

void AddRestApi(http::Router& router, Loop& loop, Services& services) {
  ApiBuilder api(router);
  AddJobOperations(api, loop, services);
  AddModelOperations(api, services);
  AddPromptOperations(api, services);
  AddAccountOperations(api, services);
  AddAdminOperations(api, services);
  std::vector<Operation> operations = api.operations();
  operations.push_back(DocumentOperation());
  const auto document = std::make_shared<const std::string>(OpenApiDocument(operations));
  api.Plain(DocumentOperation(), [document](const std::shared_ptr<http::Exchange>& exchange) {
    http::Response response = http::JsonResponse("");
    response.body = document;
    exchange->Answer(std::move(response));
  });
}

}  // namespace darkroom::server::rest
