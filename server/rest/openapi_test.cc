#include "server/rest/openapi.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>

#include <set>

#include "absl/strings/ascii.h"
#include "server/rest/rest_fixture.h"

namespace darkroom::server::rest {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using ::testing::HasSubstr;

class OpenApiTest : public RestTest {
 protected:
  void SetUp() override {
    RestTest::SetUp();
    const HttpAnswer answer = Get("/v1/openapi.json");
    ASSERT_EQ(answer.status, 200);
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &document_).ok());
  }

  static const Value* Member(const Value& value, const std::string& name) {
    const auto found = value.struct_value().fields().find(name);
    return found == value.struct_value().fields().end() ? nullptr : &found->second;
  }
  const Value& Root(const std::string& name) { return document_.fields().at(name); }

  // What "#/a/b" names; null: nothing.
  const Value* Resolve(absl::string_view reference) {
    Value root;
    *root.mutable_struct_value() = document_;
    held_ = root;
    const Value* at = &held_;
    for (const absl::string_view step : absl::StrSplit(reference, '/')) {
      if (step == "#") continue;
      at = Member(*at, std::string(step));
      if (at == nullptr) return nullptr;
    }
    return at;
  }
  static void CollectReferences(const Value& value, std::set<std::string>& found) {
    for (const auto& [name, member] : value.struct_value().fields()) {
      if (name == "$ref") found.insert(member.string_value());
      CollectReferences(member, found);
    }
    for (const Value& element : value.list_value().values()) CollectReferences(element, found);
  }

  Struct document_;
  Value held_;
};

TEST_F(OpenApiTest, EveryRouteIsInTheDocument) {
  http::Router router;
  AddRestApi(router, loop_, gateway_->services());
  EXPECT_GT(router.routes().size(), 25u);
  std::size_t described = 0;
  for (const auto& [path, methods] : Root("paths").struct_value().fields()) {
    described += methods.struct_value().fields_size();
  }
  EXPECT_EQ(described, router.routes().size());
  for (const http::Route& route : router.routes()) {
    const Value* path = Member(Root("paths"), route.pattern);
    ASSERT_NE(path, nullptr) << route.pattern;
    EXPECT_NE(Member(*path, absl::AsciiStrToLower(route.method)), nullptr) << route.pattern;
  }
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  std::set<std::string> references;
  for (const auto& [name, value] : document_.fields()) CollectReferences(value, references);
  EXPECT_GT(references.size(), 30u);
  for (const std::string& reference : references) {
    EXPECT_NE(Resolve(reference), nullptr) << reference;
  }
}

TEST_F(OpenApiTest, OperationsHaveNamesOfTheirOwnAndTheParametersOfTheirPaths) {
  std::set<std::string> ids;
  for (const auto& [path, methods] : Root("paths").struct_value().fields()) {
    for (const auto& [method, operation] : methods.struct_value().fields()) {
      EXPECT_TRUE(ids.insert(Member(operation, "operationId")->string_value()).second);
      EXPECT_FALSE(Member(operation, "summary")->string_value().empty());
      std::size_t in_path = 0;
      for (const Value& parameter : Member(operation, "parameters")->list_value().values()) {
        if (Member(parameter, "in")->string_value() != "path") continue;
        ++in_path;
        EXPECT_THAT(path,
                    HasSubstr(absl::StrCat("{", Member(parameter, "name")->string_value(), "}")));
      }
      EXPECT_EQ(in_path, static_cast<std::size_t>(std::count(path.begin(), path.end(), '{')));
    }
  }
}

TEST_F(OpenApiTest, FieldsAreDescribedAsInTheProtoFiles) {
  const Value* seed = Resolve("#/components/schemas/ImageParameters/properties/seed");
  ASSERT_NE(seed, nullptr);
  EXPECT_THAT(Member(*seed, "description")->string_value(), HasSubstr("Seed of the first image"));
  const Value* content = Resolve("#/components/schemas/InitImage/properties/content");
  ASSERT_NE(content, nullptr);
  EXPECT_EQ(Member(*content, "contentEncoding")->string_value(), "base64");
  EXPECT_EQ(Resolve("#/components/schemas/JobState/enum")->list_value().values(1).string_value(),
            "JOB_STATE_QUEUED");
}

}  // namespace
}  // namespace darkroom::server::rest
