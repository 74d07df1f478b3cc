#include <gmock/gmock.h>

#include "server/rest/rest_fixture.h"

namespace darkroom::server::rest {
namespace {

using ::testing::HasSubstr;

class AdminTest : public RestTest {};

TEST_F(AdminTest, MakesAndRevokesAKey) {
  const auto made = Read<darkroom::v1::CreateKeyResponse>(
      Post("/v1/keys", R"({"key":{"tenant":"dora"}})", kAdminKey));
  EXPECT_TRUE(Eventually([&] { return Get("/v1/jobs", made.secret()).status == 200; }));
  EXPECT_EQ(Read<darkroom::v1::ListKeysResponse>(Get("/v1/keys", kAdminKey)).keys_size(), 1);
  const auto revoked = Read<darkroom::v1::ApiKey>(
      Post(absl::StrCat(Path(made.key().name()), ":revoke"), "", kAdminKey));
  EXPECT_TRUE(revoked.has_revoke_time());
  EXPECT_TRUE(Eventually([&] { return Get("/v1/jobs", made.secret()).status == 401; }));
  const auto audit =
      Read<darkroom::v1::ListAuditEntriesResponse>(Get("/v1/auditEntries", kAdminKey));
  EXPECT_EQ(audit.audit_entries_size(), 2);
}

TEST_F(AdminTest, OnlyAdministratorsLookBehindTheCounter) {
  for (const char* target :
       {"/v1/keys", "/v1/deadLetters", "/v1/auditEntries", "/v1/workers", "/v1/fleet"}) {
    EXPECT_EQ(Get(target, kAdminKey).status, 200) << target;
    const HttpAnswer refused = Get(target, kAliceKey);
    EXPECT_EQ(refused.status, 403) << target;
    EXPECT_THAT(refused.body, HasSubstr("MISSING_SCOPE"));
  }
  EXPECT_EQ(Post("/v1/workers/none:drain", "", kAdminKey).status, 404);
  EXPECT_EQ(Post("/v1/workers/none:drain", "", kAliceKey).status, 403);
}

}  // namespace
}  // namespace darkroom::server::rest
