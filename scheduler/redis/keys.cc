#include "scheduler/redis/keys.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::string_view kEvents = "e:";
constexpr absl::string_view kPreviews = "p:";
constexpr absl::string_view kResults = "r:";
constexpr absl::string_view kDocument = "d:";
constexpr absl::string_view kInput = "in:";
constexpr absl::string_view kJobChannel = "c:";
constexpr absl::string_view kWorkChannel = "work";
constexpr absl::string_view kDead = "dead";
constexpr absl::string_view kAudit = "audit";

}  // namespace

Keys::Keys(absl::string_view pool) : base_(absl::StrCat("dr:{", pool, "}:")) {
  for (absl::string_view name : {absl::string_view("j:"),
                                 kEvents,
                                 kPreviews,
                                 absl::string_view("i:"),
                                 absl::string_view("t:"),
                                 absl::string_view("q:"),
                                 absl::string_view("queued"),
                                 absl::string_view("deadlines"),
                                 absl::string_view("leases"),
                                 kDead,
                                 absl::string_view("ended"),
                                 absl::string_view("counters"),
                                 absl::string_view("models"),
                                 absl::string_view("records"),
                                 absl::string_view("w:"),
                                 absl::string_view("a:"),
                                 kJobChannel,
                                 kWorkChannel,
                                 absl::string_view("documents"),
                                 kDocument,
                                 absl::string_view("h:"),
                                 absl::string_view("f:"),
                                 absl::string_view("v:"),
                                 absl::string_view("n:"),
                                 absl::string_view("k:"),
                                 absl::string_view("tiers"),
                                 absl::string_view("costs"),
                                 absl::string_view("weights"),
                                 absl::string_view("clocks"),
                                 absl::string_view("clock_floors"),
                                 absl::string_view("waiting"),
                                 absl::string_view("running"),
                                 absl::string_view("u:"),
                                 absl::string_view("keys"),
                                 absl::string_view("key_records"),
                                 absl::string_view("key_ends"),
                                 absl::string_view("rq:"),
                                 absl::string_view("throughput"),
                                 kAudit,
                                 absl::string_view("fleet"),
                                 absl::string_view("worker_records"),
                                 absl::string_view("wishes")}) {
    table_.push_back(absl::StrCat(base_, name));
  }
}

std::string Keys::Events(absl::string_view id) const { return absl::StrCat(base_, kEvents, id); }

std::string Keys::Previews(absl::string_view id) const {
  return absl::StrCat(base_, kPreviews, id);
}

std::string Keys::Result(const LeaseKey& key, int image) const {
  return absl::StrCat(base_, kResults, key.id, ":", key.fence, ":", image);
}

std::string Keys::Document(absl::string_view digest) const {
  return absl::StrCat(base_, kDocument, digest);
}

std::string Keys::Input(absl::string_view id) const { return absl::StrCat(base_, kInput, id); }

std::string Keys::DeadLetters() const { return absl::StrCat(base_, kDead); }
std::string Keys::Audit() const { return absl::StrCat(base_, kAudit); }

std::string Keys::RequestHash(absl::string_view tenant, absl::string_view request_id) {
  // A tenant's name has no line feed, so no two pairs give the same text.
  return Sha256Hex(absl::StrCat(tenant, "\n", request_id));
}

std::string Keys::Channel(const Topic& topic) const {
  const JobTopic* job = std::get_if<JobTopic>(&topic);
  return job == nullptr ? absl::StrCat(base_, kWorkChannel)
                        : absl::StrCat(base_, kJobChannel, job->id);
}

}  // namespace darkroom::scheduler
