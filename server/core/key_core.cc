#include "server/core/key_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/record_version.h"
#include "server/admission/name_choice.h"
#include "server/auth/authenticator.h"
#include "server/auth/key_record.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

using darkroom::internal::v1::KeyRecord;
using darkroom::v1::ApiKey;

constexpr int kLargestKeyPage = 100;
constexpr std::size_t kMaxLabelBytes = 128;
constexpr absl::Duration kFullRetry = absl::Minutes(1);

absl::Status KeyStoreError(const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    return ApiError(absl::StatusCode::kNotFound, reason::kKeyNotFound,
                    "there is no key of this name; ListKeys has them all");
  }
  if (absl::IsAborted(status)) {
    return ApiError(absl::StatusCode::kAborted, reason::kKeyChanged,
                    "the key was changed by somebody else meanwhile; try again");
  }
  if (absl::IsResourceExhausted(status)) {
    return WithRetry(
        ApiError(absl::StatusCode::kResourceExhausted, reason::kStoreFull,
                 absl::StrCat("there is no room for another key: the store is short of memory, or "
                              "has ",
                              scheduler::kMaxKeys,
                              ", those that ended in the last 30 days among "
                              "them")),
        kFullRetry);
  }
  return StoreError(status);
}

void CheckLabel(const std::string& label, std::vector<FieldViolation>& violations) {
  const bool printable = std::none_of(label.begin(), label.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (label.size() <= kMaxLabelBytes && printable) return;
  violations.push_back({"key.label", absl::StrCat("must have at most ", kMaxLabelBytes,
                                                  " bytes and no control character")});
}

void CheckScopes(const ApiKey& key, std::vector<FieldViolation>& violations) {
  for (const int scope : key.scopes()) {
    if (darkroom::v1::KeyScope_IsValid(scope) && scope != darkroom::v1::KEY_SCOPE_UNSPECIFIED) {
      continue;
    }
    violations.push_back({"key.scopes", absl::StrCat("has ", scope,
                                                     ", which is no scope; known are "
                                                     "KEY_SCOPE_GENERATE and KEY_SCOPE_ADMIN")});
    return;
  }
}

}  // namespace

KeyCore::KeyCore(Loop& loop, scheduler::KeyStore& store, std::shared_ptr<StoredKeys> keys,
                 Tiers tiers, std::shared_ptr<AuditTrail> audit)
    : loop_(loop),
      store_(store),
      keys_(std::move(keys)),
      tiers_(std::move(tiers)),
      audit_(std::move(audit)) {}

absl::Status KeyCore::CheckOn() const {
  if (keys_ != nullptr) return absl::OkStatus();
  return ApiError(absl::StatusCode::kFailedPrecondition, reason::kKeysOff,
                  "this gateway keeps no keys; start all of the pool with --key_pepper_file");
}

std::vector<FieldViolation> KeyCore::Check(const ApiKey& key) const {
  std::vector<FieldViolation> violations;
  if (!IsCatalogueId(key.tenant()) || absl::StartsWith(key.tenant(), kAnonymous)) {
    violations.push_back({"key.tenant",
                          "must be 1 to 64 characters of a-z, 0-9, '.', '_', '-', and not begin "
                          "with \"anonymous\""});
  }
  if (!key.tier().empty() && !tiers_.contains(key.tier())) {
    std::vector<std::string> known;
    for (const auto& [name, tier] : tiers_) known.push_back(name);
    violations.push_back({"key.tier", DescribeUnknownName("tier", key.tier(), known)});
  }
  CheckScopes(key, violations);
  CheckLabel(key.label(), violations);
  if (key.has_expire_time() && FromTimestamp(key.expire_time()) <= loop_.clock().Now()) {
    violations.push_back({"key.expire_time", "has passed already"});
  }
  return violations;
}

void KeyCore::CreateKey(const Caller& caller, const darkroom::v1::CreateKeyRequest& request,
                        Callback<darkroom::v1::CreateKeyResponse> done) {
  if (absl::Status status = CheckOn(); !status.ok()) return done(status);
  const std::vector<FieldViolation> violations = Check(request.key());
  if (!violations.empty()) return done(InvalidRequest(violations));
  Found made;
  made.entry.id = RandomId();
  const std::string secret = NewKeyText(made.entry.id);
  made.record.set_version(scheduler::kKeyRecordVersion);
  made.record.set_digest(keys_->pepper().Digest(kKeyUse, secret));
  ApiKey& key = *made.record.mutable_key();
  key.set_name(KeyName(made.entry.id));
  key.set_tenant(request.key().tenant());
  key.set_tier(request.key().tier().empty() ? std::string(kStandardTier) : request.key().tier());
  *key.mutable_scopes() = request.key().scopes();
  if (key.scopes().empty()) key.add_scopes(darkroom::v1::KEY_SCOPE_GENERATE);
  key.set_label(request.key().label());
  *key.mutable_create_time() = ToTimestamp(loop_.clock().Now());
  if (request.key().has_expire_time()) {
    *key.mutable_expire_time() = request.key().expire_time();
    made.entry.forgotten = FromTimestamp(key.expire_time()) + kMemory;
  }
  Change(std::move(made), "CreateKey", caller,
         [secret, done = std::move(done)](absl::StatusOr<ApiKey> key) mutable {
           if (!key.ok()) return done(key.status());
           darkroom::v1::CreateKeyResponse response;
           response.mutable_key()->Swap(&*key);
           response.set_secret(secret);
           done(std::move(response));
         });
}

void KeyCore::ListKeys(const darkroom::v1::ListKeysRequest& request,
                       Callback<darkroom::v1::ListKeysResponse> done) {
  if (absl::Status status = CheckOn(); !status.ok()) return done(status);
  std::vector<FieldViolation> violations;
  if (request.page_size() < 0) {
    violations.push_back(
        {"page_size", absl::StrCat("is ", request.page_size(), "; it must not be negative")});
  }
  const auto after = request.page_token().empty() ? absl::StatusOr<std::int64_t>(0)
                                                  : scheduler::ParsePageToken(request.page_token());
  if (!after.ok()) {
    violations.push_back({"page_token",
                          "is not a next_page_token of this method; leave it empty to begin with "
                          "the first page"});
  }
  if (!violations.empty()) return done(InvalidRequest(violations));
  const int limit =
      request.page_size() == 0 ? kLargestKeyPage : std::min(request.page_size(), kLargestKeyPage);
  store_.ReadChanges(
      *after, limit,
      Within<scheduler::KeyPage>(
          loop_, kStoreTimeout,
          [limit, done = std::move(done)](absl::StatusOr<scheduler::KeyPage> page) mutable {
            if (!page.ok()) return done(KeyStoreError(page.status()));
            darkroom::v1::ListKeysResponse response;
            for (const scheduler::KeyEntry& entry : page->keys) {
              auto record = ParseKeyRecord(entry.record);
              if (!record.ok()) return done(StoreError(record.status()));
              response.add_keys()->Swap(record->mutable_key());
            }
            if (page->keys.size() == static_cast<std::size_t>(limit) &&
                page->keys.back().version < page->newest) {
              response.set_next_page_token(scheduler::FormatPageToken(page->keys.back().version));
            }
            done(std::move(response));
          }));
}

void KeyCore::RotateKey(const Caller& caller, const darkroom::v1::RotateKeyRequest& request,
                        Callback<darkroom::v1::RotateKeyResponse> done) {
  const absl::Duration grace =
      absl::Seconds(request.grace().seconds()) + absl::Nanoseconds(request.grace().nanos());
  if (grace < absl::ZeroDuration() || grace > kMostGrace) {
    return done(InvalidRequest({{"grace", "must be 0 to 7 days"}}));
  }
  Find(request.name(), [self = shared_from_this(), grace, by = caller,
                        done = std::move(done)](absl::StatusOr<Found> found) mutable {
    if (!found.ok()) return done(found.status());
    KeyRecord& record = found->record;
    if (record.key().has_revoke_time()) {
      return done(ApiError(absl::StatusCode::kFailedPrecondition, reason::kKeyRevoked,
                           "the key has been revoked; make another"));
    }
    const absl::Time now = self->loop_.clock().Now();
    const std::string secret = NewKeyText(found->entry.id);
    record.clear_replaced_digest();
    record.clear_replaced_until();
    if (grace > absl::ZeroDuration()) {
      record.set_replaced_digest(record.digest());
      *record.mutable_replaced_until() = ToTimestamp(now + grace);
    }
    record.set_digest(self->keys_->pepper().Digest(kKeyUse, secret));
    *record.mutable_key()->mutable_rotate_time() = ToTimestamp(now);
    self->Change(*std::move(found), "RotateKey", std::move(by),
                 [secret, done = std::move(done)](absl::StatusOr<ApiKey> key) mutable {
                   if (!key.ok()) return done(key.status());
                   darkroom::v1::RotateKeyResponse response;
                   response.mutable_key()->Swap(&*key);
                   response.set_secret(secret);
                   done(std::move(response));
                 });
  });
}

void KeyCore::RevokeKey(const Caller& caller, const darkroom::v1::RevokeKeyRequest& request,
                        Callback<ApiKey> done) {
  Find(request.name(), [self = shared_from_this(), by = caller,
                        done = std::move(done)](absl::StatusOr<Found> found) mutable {
    if (!found.ok()) return done(found.status());
    ApiKey& key = *found->record.mutable_key();
    if (key.has_revoke_time()) return done(key);
    const absl::Time now = self->loop_.clock().Now();
    *key.mutable_revoke_time() = ToTimestamp(now);
    found->entry.forgotten = now + kMemory;
    self->Change(*std::move(found), "RevokeKey", std::move(by), std::move(done));
  });
}

void KeyCore::Find(const std::string& name, Callback<Found> done) {
  if (absl::Status status = CheckOn(); !status.ok()) return done(status);
  absl::StatusOr<std::string> id = ParseKeyName(name);
  if (!id.ok()) return done(id.status());
  store_.Get(*std::move(id),
             Within<scheduler::KeyEntry>(
                 loop_, kStoreTimeout,
                 [done = std::move(done)](absl::StatusOr<scheduler::KeyEntry> entry) mutable {
                   if (!entry.ok()) return done(KeyStoreError(entry.status()));
                   auto record = ParseKeyRecord(std::exchange(entry->record, ""));
                   if (!record.ok()) return done(StoreError(record.status()));
                   done(Found{*std::move(record), *std::move(entry)});
                 }));
}

void KeyCore::Change(Found found, absl::string_view action, Caller by, Callback<ApiKey> done) {
  ApiKey key = found.record.key();
  found.entry.record = found.record.SerializeAsString();
  store_.Put(
      std::move(found.entry),
      Within<std::int64_t>(
          loop_, kStoreTimeout,
          [self = shared_from_this(), key = std::move(key), action, by = std::move(by),
           done = std::move(done)](const absl::StatusOr<std::int64_t>& version) mutable {
            if (!version.ok()) return done(KeyStoreError(version.status()));
            const std::string name = key.name();
            self->audit_->Record(
                by, action, name, "",
                [self, key = std::move(key), done = std::move(done)]() mutable {
                  // It has been kept; should the reading fail, the next one will not.
                  self->keys_->Refresh([key = std::move(key), done = std::move(done)](
                                           const absl::Status&) mutable { done(std::move(key)); });
                });
          }));
}

}  // namespace darkroom::server
