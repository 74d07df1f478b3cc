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
constexpr absl::string_view kCounters = "counters";
constexpr absl::string_view kAudit = "audit";
constexpr absl::string_view kStep = "s:";
constexpr absl::string_view kSettings = "st:";

constexpr Keys::Name kNames[] = {
    {"job", "j:"},            // prefix: HASH, the truth about a job
    {"events", kEvents},      // prefix: STREAM, its newest events
    {"previews", kPreviews},  // prefix: HASH image → JPEG
    {"request", "i:"},        // prefix: STRING hash of (tenant, request_id) → job
    {"tenant", "t:"},         // prefix: ZSET of the tenant's jobs by order
    {"queue", "q:"},       // prefix: ZSET of the queued jobs of a tier, model and tenant by order
    {"queued", "queued"},  // ZSET of all queued jobs by order
    {"deadlines", "deadlines"},  // ZSET of the queued jobs that have a deadline by it
    {"leases", "leases"},        // ZSET of the running jobs by the lease's expiry
    {"dead", kDead},             // ZSET of the dead letters by the time they are forgotten
    {"ended", "ended"},          // ZSET of "<job>:<tenant>" of the terminal jobs by that time
    {"counters", kCounters},     // HASH order, key_version
    {"models", "models"},        // ZSET of the models by last announcement
    {"records", "records"},      // HASH model → record
    {"workers", "w:"},           // prefix: ZSET of the model's workers by last announcement
    {"answers", "a:"},           // prefix: LIST of what an acquire with a token has leased
    {"channel", kJobChannel},    // prefix: a job's channel
    {"work", kWorkChannel},      // channel of queued work
    {"documents", "documents"},  // ZSET of the documents by the last time they were put
    {"document", kDocument},     // prefix: STRING a document, by its digest
    {"heads", "h:"},     // prefix: ZSET of the heads of a tier, or a tier and model, by start tag
    {"tags", "f:"},      // prefix: ZSET of a tier's tenants by finish tag
    {"floors", "v:"},    // prefix: HASH model → least start tag of a tier's new heads
    {"depths", "n:"},    // prefix: HASH k → flows of a tier with at least k jobs
    {"aside", "k:"},     // prefix: SET of a tenant's "<tier>:<model>" whose head is set aside
    {"tiers", "tiers"},  // HASH tier → queued jobs, of those that have any
    {"costs", "costs"},  // HASH tier → cost of its queued jobs
    {"weights", "weights"},            // HASH tier → weight
    {"clocks", "clocks"},              // HASH tier → virtual time
    {"clock_floors", "clock_floors"},  // HASH model → least clock of tiers that come back to it
    {"waiting", "waiting"},            // HASH tenant → its queued jobs
    {"running", "running"},            // HASH tenant → its leased jobs
    {"usage", "u:"},                   // prefix: HASH tenant → device time submitted on a day
    {"keys", "keys"},  // ZSET of the API keys by version, the number of their last change
    {"key_records", "key_records"},  // HASH API key → record
    {"key_ends", "key_ends"},  // ZSET of the API keys that are forgotten some day by that time
    {"requests", "rq:"},       // prefix: STRING time at which a tenant's bucket of requests is full
    {"throughput", "throughput"},          // HASH done, time, last: how fast the pool works
    {"audit", kAudit},                     // STREAM what administrators have done
    {"fleet", "fleet"},                    // ZSET of the workers by last report
    {"worker_records", "worker_records"},  // HASH worker → record
    {"steps", kStep},                      // prefix: HASH fence, step: the last saved step of a job
    {"promises", "pe:"},  // prefix: HASH "<tier>:<bucket>" → promises that were so far off, by hour
    {"wishes", "wishes"},  // HASH worker → what is wanted of it, unless that is to serve
};

}  // namespace

absl::Span<const Keys::Name> Keys::Names() { return kNames; }

Keys::Keys(absl::string_view pool) : base_(absl::StrCat("dr:{", pool, "}:")) {}

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

std::string Keys::Step(absl::string_view id) const { return absl::StrCat(base_, kStep, id); }

std::string Keys::Settings(absl::string_view owner) const {
  // A hash, because an owner is any text.
  return absl::StrCat(base_, kSettings, Sha256Hex(owner));
}

std::string Keys::DeadLetters() const { return absl::StrCat(base_, kDead); }
std::string Keys::Audit() const { return absl::StrCat(base_, kAudit); }
std::string Keys::Counters() const { return absl::StrCat(base_, kCounters); }

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
