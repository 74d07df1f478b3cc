#ifndef DARKROOM_SERVER_CORE_KEY_CORE_H_
#define DARKROOM_SERVER_CORE_KEY_CORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "darkroom/internal/v1/key_record.pb.h"
#include "darkroom/v1/admin_service.pb.h"
#include "scheduler/core/key_store.h"
#include "server/admission/tiers.h"
#include "server/auth/stored_keys.h"
#include "server/core/api_error.h"
#include "server/core/audit_trail.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// The keys of the admin service without its transport. Every change is audited, without secrets,
// and counts on this gateway when it is answered. Every error is an ApiError. Loop thread only;
// callbacks run there, once.
class KeyCore : public std::enable_shared_from_this<KeyCore> {
 public:
  // Revoked and expired keys are listed for this long.
  static constexpr absl::Duration kMemory = absl::Hours(24 * 30);
  static constexpr absl::Duration kMostGrace = absl::Hours(24 * 7);

  // Loop and store outlive the core. Without `keys` every call is FAILED_PRECONDITION.
  KeyCore(Loop& loop, scheduler::KeyStore& store, std::shared_ptr<StoredKeys> keys, Tiers tiers,
          std::shared_ptr<AuditTrail> audit);

  void CreateKey(const Caller& caller, const darkroom::v1::CreateKeyRequest& request,
                 Callback<darkroom::v1::CreateKeyResponse> done);
  void ListKeys(const darkroom::v1::ListKeysRequest& request,
                Callback<darkroom::v1::ListKeysResponse> done);
  void RotateKey(const Caller& caller, const darkroom::v1::RotateKeyRequest& request,
                 Callback<darkroom::v1::RotateKeyResponse> done);
  void RevokeKey(const Caller& caller, const darkroom::v1::RevokeKeyRequest& request,
                 Callback<darkroom::v1::ApiKey> done);

 private:
  struct Found {
    darkroom::internal::v1::KeyRecord record;
    scheduler::KeyEntry entry;  // without the record
  };

  absl::Status CheckOn() const;
  std::vector<FieldViolation> Check(const darkroom::v1::ApiKey& key) const;
  void Find(const std::string& name, Callback<Found> done);
  // Stores the record in the place of what was found, and returns it when this gateway knows it.
  // `action` and `by` are for the audit: what has been done, and who did it.
  void Change(Found found, absl::string_view action, Caller by,
              Callback<darkroom::v1::ApiKey> done);

  Loop& loop_;
  scheduler::KeyStore& store_;
  const std::shared_ptr<StoredKeys> keys_;
  const Tiers tiers_;
  const std::shared_ptr<AuditTrail> audit_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_KEY_CORE_H_
