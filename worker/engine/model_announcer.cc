#include "worker/engine/model_announcer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/log.h"
#include "common/sha256.h"
#include "darkroom/internal/v1/model_record.pb.h"
#include "scheduler/core/record_version.h"
#include "worker/engine/family.h"

namespace darkroom::worker {
namespace {

constexpr absl::string_view kNamePrefix = "models/";

std::string RecordBytes(const v1::Model& model) {
  internal::v1::ModelRecordVersion version;
  version.set_version(scheduler::kModelRecordVersion);
  return absl::StrCat(model.SerializeAsString(), version.SerializeAsString());
}

v1::ModelTask TaskOf(diffusion::ModelTask task) {
  switch (task) {
    case diffusion::ModelTask::kGeneral:
      return v1::MODEL_TASK_GENERAL;
    case diffusion::ModelTask::kInpainting:
      return v1::MODEL_TASK_INPAINTING;
    case diffusion::ModelTask::kInstruction:
      return v1::MODEL_TASK_INSTRUCTION;
  }
  return v1::MODEL_TASK_UNSPECIFIED;
}

}  // namespace

AnnouncedModel DescribeModel(const ServedModel& model) {
  const diffusion::ModelInfo& info = model.backend->info();
  AnnouncedModel announced{.record = {}, .tokenizer = model.backend->tokenizer()};
  v1::Model& record = announced.record;
  record.set_name(absl::StrCat(kNamePrefix, model.id));
  record.set_display_name(model.display_name);
  record.set_family(FamilyOf(info.family));
  record.set_task(TaskOf(info.task));
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
  record.set_tokenizer_digest(Sha256Hex(announced.tokenizer));
  return announced;
}

ModelAnnouncer::ModelAnnouncer(std::string worker, std::vector<AnnouncedModel> models,
                               scheduler::ModelRegistry& registry, const StepMeter& meter,
                               const Clock& clock, std::function<void(const absl::Status&)> told)
    : worker_(std::move(worker)),
      registry_(registry),
      meter_(meter),
      clock_(clock),
      told_(std::move(told)),
      models_(std::move(models)) {}

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
  if (documents_due_ <= now) PutDocuments();
  std::vector<scheduler::ModelEntry> entries;
  for (auto& [record, tokenizer] : models_) {
    const std::string id(absl::StripPrefix(record.name(), kNamePrefix));
    record.set_step_milliseconds(absl::ToDoubleMilliseconds(meter_.step(id)));
    record.set_adapters_digest(adapters_digest_);
    record.set_upscale_milliseconds(absl::ToDoubleMilliseconds(meter_.upscale()));
    entries.push_back({.id = id, .record = RecordBytes(record)});
  }
  registry_.Announce(worker_, std::move(entries), [mailbox = mailbox_](absl::Status status) {
    mailbox->Post(std::move(status));
  });
}

void ModelAnnouncer::PutDocuments() {
  documents_due_ = clock_.Now() + kDocumentInterval;
  std::map<std::string, std::string> documents;  // by digest: models share tokenizers
  for (const auto& [record, tokenizer] : models_) {
    documents.emplace(record.tokenizer_digest(), tokenizer);
  }
  if (!adapters_list_.empty()) documents.emplace(adapters_digest_, adapters_list_);
  for (const auto& [digest, bytes] : documents) {
    registry_.PutDocument(digest, bytes, [mailbox = mailbox_](absl::Status status) {
      mailbox->Post(DocumentOutcome{std::move(status)});
    });
  }
}

void ModelAnnouncer::Handle(Models models) {
  if (withdrawn_) return;
  models_ = std::move(models);
  due_ = absl::InfinitePast();
  documents_due_ = absl::InfinitePast();
}

void ModelAnnouncer::Handle(Adapters adapters) {
  if (withdrawn_) return;
  adapters_digest_ = adapters.list.empty() ? "" : Sha256Hex(adapters.list);
  adapters_list_ = std::move(adapters.list);
  due_ = absl::InfinitePast();
  documents_due_ = absl::InfinitePast();
}

void ModelAnnouncer::Handle(Withdrawn) {
  withdrawn_ = true;
  due_ = absl::InfiniteFuture();
  registry_.Withdraw(
      worker_, [mailbox = mailbox_](absl::Status status) { mailbox->Post(std::move(status)); });
}

void ModelAnnouncer::Handle(const absl::Status& status) {
  if (told_) told_(status);
  if (!status.ok()) {
    log::Warning("models could not be announced", {{"error", status.ToString()}});
  }
}

// Puts them again with the next announcement.
void ModelAnnouncer::Handle(const DocumentOutcome& outcome) {
  if (outcome.status.ok()) return;
  documents_due_ = absl::InfinitePast();
  log::Warning("tokenizers or adapters could not be published",
               {{"error", outcome.status.ToString()}});
}

}  // namespace darkroom::worker
