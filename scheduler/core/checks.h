#ifndef DARKROOM_SCHEDULER_CORE_CHECKS_H_
#define DARKROOM_SCHEDULER_CORE_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scheduler/core/job.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"

namespace darkroom::scheduler {

// What every store refuses before it does anything: bounds that keep one operation small, and names
// that become parts of keys. All are INVALID_ARGUMENT.

inline constexpr int kMaxItems = 100;          // of one operation
inline constexpr int kMaxModelsOfWorker = 32;  // in a LeaseRequest
inline constexpr int kMaxModels = 100;         // in the registry
inline constexpr int kMaxDocuments = 200;  // likewise: each model may have one of its own, twice
inline constexpr int kMaxTierWeight = 1000;
inline constexpr std::size_t kMaxTraceparentBytes = 64;
inline constexpr std::size_t kMaxDocumentBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxPreviewBytes = 32 * 1024;
inline constexpr std::size_t kMaxResultBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kMaxInputBytes = 16 * 1024 * 1024;
// Four latents, the most that a sampler carries, of four pictures of 1024 x 1024. A write of so
// much takes Redis 50 ms on two busy cores, one of a single latent 2.
inline constexpr std::size_t kMaxStepBytes = 4 * 1024 * 1024 + 1024;

absl::Status CheckTier(absl::string_view tier);
absl::Status CheckSubmission(const Submission& submission);
absl::Status CheckLeaseRequest(const LeaseRequest& request);
absl::Status CheckLimit(int limit);
absl::Status CheckRenewal(const std::vector<LeaseKey>& keys);
absl::Status CheckPreview(int image, absl::string_view jpeg);
absl::Status CheckResult(int image, absl::string_view bytes);
absl::Status CheckInput(absl::string_view id, absl::string_view bytes);
absl::Status CheckInputId(absl::string_view id);
absl::Status CheckStep(absl::string_view bytes);
absl::Status CheckSettings(absl::string_view settings);
absl::Status CheckAnnouncement(absl::string_view worker, const std::vector<ModelEntry>& models);
absl::Status CheckDocument(absl::string_view digest, absl::string_view bytes);
absl::Status CheckDocumentDigest(absl::string_view digest);

// The answers that all stores give in the same words.
absl::Status LeaseLost();
absl::Status NoSuchJob();
absl::Status NoSuchPreview();
absl::Status NoSuchResult();
absl::Status NoSuchInput();
absl::Status NoSuchStep();
absl::Status RequestIdReused();
absl::Status TooManyModels();
absl::Status NoSuchDocument();

// An input is kept for this long after it was put.
inline constexpr absl::Duration kInputMemory = absl::Hours(2);

// A model stays in the registry for this long after its last announcement, a document after it was
// put.
inline constexpr absl::Duration kModelMemory = absl::Hours(24);

// JobPage::next is the order of the page's last job. An empty token means the first page.
std::string FormatPageToken(std::int64_t order);
absl::StatusOr<std::int64_t> ParsePageToken(absl::string_view token);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_CHECKS_H_
