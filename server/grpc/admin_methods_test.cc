#include <gmock/gmock.h>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ApiKey;
using darkroom::v1::CreateKeyRequest;
using darkroom::v1::CreateKeyResponse;
using darkroom::v1::ListKeysRequest;
using darkroom::v1::ListKeysResponse;
using darkroom::v1::RevokeKeyRequest;
using darkroom::v1::RotateKeyRequest;
using darkroom::v1::RotateKeyResponse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class AdminMethodsTest : public GatewayTest {
 protected:
  AdminMethodsTest() { tiers_["pro"].terms.tier = "pro"; }

  grpc::Status Make(const CreateKeyRequest& request, CreateKeyResponse& made) {
    return admin_->CreateKey(Context(kAdminKey).get(), request, &made);
  }
  // A key of this tenant that must be made.
  CreateKeyResponse Make(const std::string& tenant = "carol") {
    CreateKeyRequest request;
    request.mutable_key()->set_tenant(tenant);
    CreateKeyResponse made;
    const grpc::Status status = Make(request, made);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return made;
  }
  grpc::Status Revoke(const std::string& name, ApiKey& key) {
    RevokeKeyRequest request;
    request.set_name(name);
    return admin_->RevokeKey(Context(kAdminKey).get(), request, &key);
  }
  grpc::Status Rotate(const RotateKeyRequest& request, RotateKeyResponse& rotated) {
    return admin_->RotateKey(Context(kAdminKey).get(), request, &rotated);
  }
  // How a call with this key ends.
  grpc::StatusCode Use(const std::string& secret) {
    darkroom::v1::ListJobsResponse jobs;
    return generation_->ListJobs(Context(secret).get(), {}, &jobs).error_code();
  }
};

TEST_F(AdminMethodsTest, AKeyThatIsMadeIsGoodAtOnce) {
  CreateKeyRequest request;
  request.mutable_key()->set_tenant("carol");
  request.mutable_key()->set_tier("pro");
  request.mutable_key()->set_label("Carol's laptop");
  CreateKeyResponse made;
  ASSERT_TRUE(Make(request, made).ok());
  EXPECT_THAT(made.key().name(), testing::MatchesRegex("keys/[0-9a-f]{32}"));
  EXPECT_THAT(made.secret(), HasSubstr(made.key().name().substr(5) + "."));
  EXPECT_EQ(made.key().tier(), "pro");
  EXPECT_EQ(made.key().label(), "Carol's laptop");
  EXPECT_THAT(made.key().scopes(), ElementsAre(darkroom::v1::KEY_SCOPE_GENERATE));
  EXPECT_TRUE(made.key().has_create_time());
  const darkroom::v1::Job job = Create("a red apple", made.secret());
  darkroom::v1::Job got;
  EXPECT_TRUE(Get(job.name(), got, made.secret()).ok());
  EXPECT_EQ(Get(job.name(), got, Make("dave").secret()).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminMethodsTest, OnlyKeysWithTheScopeMayAdministerAndOnlyOthersGenerate) {
  ListKeysResponse list;
  for (const std::string& key : {std::string(kAliceKey), std::string(), Make().secret()}) {
    const grpc::Status status = admin_->ListKeys(Context(key).get(), {}, &list);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status), "MISSING_SCOPE");
    EXPECT_THAT(status.error_message(), HasSubstr("\"admin\""));
  }
  EXPECT_EQ(Use(kAdminKey), grpc::StatusCode::PERMISSION_DENIED);
  darkroom::v1::ListModelsResponse models;
  EXPECT_TRUE(models_->ListModels(Context(kAdminKey).get(), {}, &models).ok());
}

TEST_F(AdminMethodsTest, AKeyCanDoBoth) {
  CreateKeyRequest request;
  request.mutable_key()->set_tenant("carol");
  request.mutable_key()->add_scopes(darkroom::v1::KEY_SCOPE_ADMIN);
  request.mutable_key()->add_scopes(darkroom::v1::KEY_SCOPE_GENERATE);
  CreateKeyResponse made;
  ASSERT_TRUE(Make(request, made).ok());
  ListKeysResponse list;
  EXPECT_TRUE(admin_->ListKeys(Context(made.secret()).get(), {}, &list).ok());
  EXPECT_EQ(Use(made.secret()), grpc::StatusCode::OK);
}

TEST_F(AdminMethodsTest, EveryBadFieldOfAKeyIsNamed) {
  CreateKeyRequest request;
  request.mutable_key()->set_tenant("anonymous-1");
  request.mutable_key()->set_tier("prO");
  request.mutable_key()->add_scopes(static_cast<darkroom::v1::KeyScope>(7));
  request.mutable_key()->set_label("two\nlines");
  request.mutable_key()->mutable_expire_time()->set_seconds(1);
  CreateKeyResponse made;
  const grpc::Status status = Make(request, made);
  EXPECT_THAT(BadFieldsOf(status),
              ElementsAre("key.tenant", "key.tier", "key.scopes", "key.label", "key.expire_time"));
  EXPECT_THAT(status.error_message(), HasSubstr("did you mean \"pro\"?"));
}

TEST_F(AdminMethodsTest, ListsShowNoSecretsAndArePaged) {
  const std::string first = Make("a").key().name();
  const CreateKeyResponse second = Make("b");
  const std::string third = Make("c").key().name();
  ListKeysRequest request;
  request.set_page_size(2);
  ListKeysResponse page;
  ASSERT_TRUE(admin_->ListKeys(Context(kAdminKey).get(), request, &page).ok());
  ASSERT_EQ(page.keys_size(), 2);
  EXPECT_EQ(page.keys(0).name(), first);
  EXPECT_EQ(page.keys(1).name(), second.key().name());
  EXPECT_THAT(page.DebugString(), Not(HasSubstr(second.secret().substr(36))));
  request.set_page_token(page.next_page_token());
  ASSERT_TRUE(admin_->ListKeys(Context(kAdminKey).get(), request, &page).ok());
  ASSERT_EQ(page.keys_size(), 1);
  EXPECT_EQ(page.keys(0).name(), third);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_page_token("x");
  request.set_page_size(-1);
  EXPECT_THAT(BadFieldsOf(admin_->ListKeys(Context(kAdminKey).get(), request, &page)),
              ElementsAre("page_size", "page_token"));
}

TEST_F(AdminMethodsTest, ARevokedKeyIsRefusedAtOnceAndStaysListed) {
  const CreateKeyResponse made = Make();
  ASSERT_EQ(Use(made.secret()), grpc::StatusCode::OK);
  ApiKey key;
  ASSERT_TRUE(Revoke(made.key().name(), key).ok());
  EXPECT_TRUE(key.has_revoke_time());
  EXPECT_EQ(Use(made.secret()), grpc::StatusCode::UNAUTHENTICATED);
  ApiKey again;
  ASSERT_TRUE(Revoke(made.key().name(), again).ok());
  EXPECT_EQ(again.revoke_time().seconds(), key.revoke_time().seconds());
  ListKeysResponse list;
  ASSERT_TRUE(admin_->ListKeys(Context(kAdminKey).get(), {}, &list).ok());
  EXPECT_TRUE(list.keys(0).has_revoke_time());
  RotateKeyRequest rotate;
  rotate.set_name(made.key().name());
  RotateKeyResponse rotated;
  const grpc::Status status = Rotate(rotate, rotated);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "KEY_REVOKED");
}

TEST_F(AdminMethodsTest, RotationReplacesTheSecretAtOnceOrAfterAGrace) {
  const CreateKeyResponse made = Make();
  RotateKeyRequest request;
  request.set_name(made.key().name());
  request.mutable_grace()->set_seconds(3600);
  RotateKeyResponse second;
  ASSERT_TRUE(Rotate(request, second).ok());
  EXPECT_EQ(second.key().name(), made.key().name());
  EXPECT_TRUE(second.key().has_rotate_time());
  EXPECT_EQ(Use(made.secret()), grpc::StatusCode::OK);
  EXPECT_EQ(Use(second.secret()), grpc::StatusCode::OK);
  request.clear_grace();
  RotateKeyResponse third;
  ASSERT_TRUE(Rotate(request, third).ok());
  EXPECT_EQ(Use(made.secret()), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Use(second.secret()), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Use(third.secret()), grpc::StatusCode::OK);
  request.mutable_grace()->set_seconds(8 * 24 * 3600);
  EXPECT_THAT(BadFieldsOf(Rotate(request, third)), ElementsAre("grace"));
}

TEST_F(AdminMethodsTest, KeysThatAreNotThereAreNotFound) {
  ApiKey key;
  const grpc::Status status = Revoke("keys/" + std::string(32, '0'), key);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "KEY_NOT_FOUND");
  EXPECT_THAT(BadFieldsOf(Revoke("keys/../x", key)), ElementsAre("name"));
}

TEST_F(AdminMethodsTest, LostStoreIsUnavailable) {
  CreateKeyRequest request;
  request.mutable_key()->set_tenant("carol");
  store_.Become(FlakyStore::Mode::kRefuses);
  CreateKeyResponse made;
  const grpc::Status status = Make(request, made);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "STORE_UNAVAILABLE");
}

}  // namespace
}  // namespace darkroom::server
