#include "scheduler/core/key_store.h"

#include "absl/strings/str_cat.h"
#include "common/ids.h"

namespace darkroom::scheduler {

absl::Status CheckKeyEntry(const KeyEntry& entry) {
  if (!IsRandomId(entry.id)) {
    return absl::InvalidArgumentError("the key's id is not 32 hexadecimal digits");
  }
  if (entry.record.size() > kMaxKeyRecordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key's record has more than ", kMaxKeyRecordBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status KeyChanged() { return absl::AbortedError("the key has changed meanwhile"); }
absl::Status NoSuchKey() { return absl::NotFoundError("no such key"); }
absl::Status TooManyKeys() { return absl::ResourceExhaustedError("the pool has too many keys"); }

}  // namespace darkroom::scheduler
