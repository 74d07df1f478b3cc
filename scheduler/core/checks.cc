#include "scheduler/core/checks.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "scheduler/core/setting_store.h"

namespace darkroom::scheduler {
namespace {

absl::Status CheckName(absl::string_view what, absl::string_view name) {
  if (IsCatalogueId(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " is not a name of [a-z0-9._-]{1,64}"));
}

absl::Status CheckAtMost(absl::string_view what, std::size_t count, int most) {
  if (count <= static_cast<std::size_t>(most)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(count, " ", what, "; at most ", most, " a call"));
}

absl::Status CheckImage(int image) {
  if (image >= 0 && image < kMaxItems) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("no image can have the index ", image));
}

// SHA-256 as Sha256Hex writes it.
absl::Status CheckHash(absl::string_view what, absl::string_view hash) {
  const bool is_hex = std::all_of(hash.begin(), hash.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
  if (hash.size() == 64 && is_hex) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " is not 64 lower-case hexadecimal digits"));
}

}  // namespace

absl::Status CheckTier(absl::string_view tier) { return CheckName("the tier", tier); }

absl::Status CheckSubmission(const Submission& submission) {
  if (!IsRandomId(submission.id)) return absl::InvalidArgumentError("the id is not a job id");
  DARKROOM_RETURN_IF_ERROR(CheckName("the tenant", submission.tenant));
  DARKROOM_RETURN_IF_ERROR(CheckName("the model", submission.model));
  // Beyond this, sums of costs in microseconds would not be exact in a double.
  if (submission.cost < absl::ZeroDuration() || submission.cost > absl::Hours(24)) {
    return absl::InvalidArgumentError("the cost is not between 0 and 24 hours");
  }
  if (submission.spec_version < 1) return absl::InvalidArgumentError("the spec has no version");
  DARKROOM_RETURN_IF_ERROR(CheckTier(submission.terms.tier));
  if (submission.terms.weight < 1 || submission.terms.weight > kMaxTierWeight) {
    return absl::InvalidArgumentError("the tier's weight is not between 1 and 1000");
  }
  if (submission.traceparent.size() > kMaxTraceparentBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the traceparent is longer than ", kMaxTraceparentBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckLeaseRequest(const LeaseRequest& request) {
  DARKROOM_RETURN_IF_ERROR(CheckName("the worker", request.worker));
  DARKROOM_RETURN_IF_ERROR(CheckLimit(request.limit));
  if (!request.token.empty() && !IsRandomId(request.token)) {
    return absl::InvalidArgumentError("the token is not a random id");
  }
  DARKROOM_RETURN_IF_ERROR(CheckAtMost("models", request.models.size(), kMaxModelsOfWorker));
  for (const absl::Duration slack : {request.affinity_slack, request.fill_slack}) {
    if (slack < absl::ZeroDuration() || slack > absl::Hours(24)) {
      return absl::InvalidArgumentError("a slack is not between 0 and 24 hours");
    }
  }
  for (const std::string& model : request.models) {
    DARKROOM_RETURN_IF_ERROR(CheckName("the model", model));
  }
  return absl::OkStatus();
}

absl::Status CheckLimit(int limit) {
  if (limit >= 1 && limit <= kMaxItems) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the limit is not between 1 and ", kMaxItems));
}

absl::Status CheckRenewal(const std::vector<LeaseKey>& keys) {
  return CheckAtMost("leases", keys.size(), kMaxItems);
}

absl::Status CheckPreview(int image, absl::string_view jpeg) {
  DARKROOM_RETURN_IF_ERROR(CheckImage(image));
  if (jpeg.size() > kMaxPreviewBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a preview of ", jpeg.size(), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckResult(int image, absl::string_view bytes) {
  DARKROOM_RETURN_IF_ERROR(CheckImage(image));
  if (bytes.size() > kMaxResultBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a result of ", bytes.size(), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckInput(absl::string_view id, absl::string_view bytes) {
  DARKROOM_RETURN_IF_ERROR(CheckInputId(id));
  if (bytes.size() > kMaxInputBytes) {
    return absl::InvalidArgumentError(absl::StrCat("an input of ", bytes.size(), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckSettings(absl::string_view settings) {
  if (settings.size() <= SettingStore::kMaxBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("settings have more than ", SettingStore::kMaxBytes, " bytes"));
}

absl::Status CheckStep(absl::string_view bytes) {
  if (bytes.size() > kMaxStepBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a saved step of ", bytes.size(), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckInputId(absl::string_view id) { return CheckHash("the input's id", id); }

absl::Status CheckAnnouncement(absl::string_view worker, const std::vector<ModelEntry>& models) {
  DARKROOM_RETURN_IF_ERROR(CheckName("the worker", worker));
  DARKROOM_RETURN_IF_ERROR(CheckAtMost("models", models.size(), kMaxModelsOfWorker));
  for (const ModelEntry& model : models) {
    DARKROOM_RETURN_IF_ERROR(CheckName("the model", model.id));
  }
  return absl::OkStatus();
}

absl::Status CheckDocument(absl::string_view digest, absl::string_view bytes) {
  if (bytes.size() > kMaxDocumentBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a document of ", bytes.size(), " bytes"));
  }
  if (digest == Sha256Hex(bytes)) return absl::OkStatus();
  return absl::InvalidArgumentError("the digest is not the document's");
}

absl::Status CheckDocumentDigest(absl::string_view digest) {
  return CheckHash("the digest", digest);
}

absl::Status LeaseLost() { return absl::AbortedError("lease lost"); }
absl::Status NoSuchJob() { return absl::NotFoundError("no such job"); }
absl::Status NoSuchPreview() { return absl::NotFoundError("no such preview"); }
absl::Status NoSuchResult() { return absl::NotFoundError("no such result"); }
absl::Status NoSuchStep() { return absl::NotFoundError("no such saved step"); }
absl::Status NoSuchInput() { return absl::NotFoundError("no such input"); }
absl::Status TooManyModels() {
  return absl::ResourceExhaustedError("the pool has too many models");
}
absl::Status NoSuchDocument() { return absl::NotFoundError("no such document"); }
absl::Status RequestIdReused() {
  return absl::AlreadyExistsError("the request_id was used for a different request");
}

std::string FormatPageToken(std::int64_t order) { return absl::StrCat(order); }

absl::StatusOr<std::int64_t> ParsePageToken(absl::string_view token) {
  if (token.empty()) return std::numeric_limits<std::int64_t>::max();
  std::int64_t order = 0;
  if (!absl::SimpleAtoi(token, &order) || order < 1 || FormatPageToken(order) != token) {
    return absl::InvalidArgumentError("not a page token");
  }
  return order;
}

}  // namespace darkroom::scheduler
