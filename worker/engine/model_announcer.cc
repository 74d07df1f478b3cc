#include "worker/engine/model_announcer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/log.h"
#include "common/sha256.h"

namespace darkroom::worker {
namespace {

constexpr absl::string_view kNamePrefix = "models/";

v1::ModelFamily FamilyOf(absl::string_view name) {
  if (name == "sd1") return v1::MODEL_FAMILY_STABLE_DIFFUSION_1;
  if (name == "sd2") return v1::MODEL_FAMILY_STABLE_DIFFUSION_2;
  if (name == "sdxl") return v1::MODEL_FAMILY_STABLE_DIFFUSION_XL;
  if (name == "sdxl-refiner") return v1::MODEL_FAMILY_STABLE_DIFFUSION_XL_REFINER;
  return v1::MODEL_FAMILY_UNSPECIFIED;  // a backend that is no model
}

}  // namespace

v1::Model DescribeModel(const ServedModel& model) {
  const diffusion::ModelInfo& info = model.backend->info();
  v1::Model record;
  record.set_name(absl::StrCat(kNamePrefix, model.id));
  record.set_display_name(model.display_name);
  record.set_family(FamilyOf(info.family));
  record.set_hash(info.hash);
  record.set_default_width(info.default_width);
  record.set_default_height(info.default_height);
  record.set_max_side(info.max_side);
  record.set_max_pixels(info.max_pixels);
  record.set_size_multiple(info.size_multiple);
  record.set_max_images(info.max_images);
  record.set_max_steps(info.max_steps);
  record.set_max_clip_skip(info.max_clip_skip);
  for (const std::string& sampler : info.samplers) record.add_samplers(sampler);
  for (const std::string& schedule : info.schedules) record.add_schedules(schedule);
  record.set_default_sampler(info.default_sampler);
  record.set_default_schedule(info.default_schedule);
  record.set_default_steps(info.default_steps);
  record.set_default_guidance_scale(info.default_guidance_scale);
  return record;
}

ModelAnnouncer::ModelAnnouncer(std::string worker, absl::Span<const ServedModel> models,
                               scheduler::ModelRegistry& registry, const StepMeter& meter,
                               const Clock& clock)
    : worker_(std::move(worker)), registry_(registry), meter_(meter), clock_(clock) {
  for (const ServedModel& model : models) {
    std::string tokenizer = model.backend->tokenizer();
    std::string digest = Sha256Hex(tokenizer);
    records_.push_back(DescribeModel(model));
    records_.back().set_tokenizer_digest(digest);
    tokenizers_.emplace(std::move(digest), std::move(tokenizer));
  }
}

void ModelAnnouncer::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
  ReadMail();  // a withdrawal may have come together with the stop
}

void ModelAnnouncer::ReadMail() {
  for (Message& message : mailbox_->Take()) {
    std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
  }
}

absl::Duration ModelAnnouncer::Pump() {
  ReadMail();
  if (due_ <= clock_.Now()) Announce();
  return std::max(absl::ZeroDuration(), due_ - clock_.Now());
}

void ModelAnnouncer::Announce() {
  const absl::Time now = clock_.Now();
  due_ = now + kInterval;
  // Before the announcement that names them.
  if (tokenizers_due_ <= now) PutTokenizers();
  std::vector<scheduler::ModelEntry> entries;
  for (v1::Model& record : records_) {
    const std::string id(absl::StripPrefix(record.name(), kNamePrefix));
    record.set_step_milliseconds(absl::ToDoubleMilliseconds(meter_.step(id)));
    entries.push_back({.id = id, .record = record.SerializeAsString()});
  }
  registry_.Announce(worker_, std::move(entries), [mailbox = mailbox_](absl::Status status) {
    mailbox->Post(std::move(status));
  });
}

void ModelAnnouncer::PutTokenizers() {
  tokenizers_due_ = clock_.Now() + kTokenizerInterval;
  for (const auto& [digest, tokenizer] : tokenizers_) {
    registry_.PutTokenizer(digest, tokenizer, [mailbox = mailbox_](absl::Status status) {
      mailbox->Post(TokenizerOutcome{std::move(status)});
    });
  }
}

void ModelAnnouncer::Handle(Withdrawn) {
  due_ = absl::InfiniteFuture();
  registry_.Withdraw(
      worker_, [mailbox = mailbox_](absl::Status status) { mailbox->Post(std::move(status)); });
}

void ModelAnnouncer::Handle(const absl::Status& status) {
  if (!status.ok()) {
    log::Warning("models could not be announced", {{"error", status.ToString()}});
  }
}

// Puts them again with the next announcement.
void ModelAnnouncer::Handle(const TokenizerOutcome& outcome) {
  if (outcome.status.ok()) return;
  tokenizers_due_ = absl::InfinitePast();
  log::Warning("tokenizers could not be published", {{"error", outcome.status.ToString()}});
}

}  // namespace darkroom::worker
