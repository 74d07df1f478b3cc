#include "server/admission/model_catalogue.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/log.h"
#include "darkroom/internal/v1/model_record.pb.h"
#include "scheduler/core/record_version.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

// The record's version; 1 of records from before they had one. Nothing when it is no record.
std::optional<std::uint32_t> VersionOf(const std::string& record) {
  darkroom::internal::v1::ModelRecordVersion version;
  if (!version.ParseFromString(record)) return std::nullopt;
  return std::max(version.version(), std::uint32_t{1});
}

std::shared_ptr<const Models> Parse(const std::vector<scheduler::ModelEntry>& entries,
                                    const LearntCosts& costs) {
  auto models = std::make_shared<Models>();
  for (const scheduler::ModelEntry& entry : entries) {
    const std::optional<std::uint32_t> version = VersionOf(entry.record);
    if (version.has_value() && !scheduler::IsReadable(*version, scheduler::kModelRecordVersion)) {
      log::Warning("a model that a later version of the worker has announced is left out",
                   {{"model", entry.id}, {"version", *version}});
      continue;
    }
    darkroom::v1::Model model;
    if (!version.has_value() || !model.ParseFromString(entry.record)) {
      log::Error("a worker announced a model that cannot be read", {{"model", entry.id}});
      continue;
    }
    model.DiscardUnknownFields();  // the version, which is no affair of clients
    model.set_name(ModelName(entry.id));
    model.set_workers(entry.workers);
    costs.Fill(entry.id, model);
    models->emplace(entry.id, std::move(model));
  }
  return models;
}

}  // namespace

ModelCatalogue::ModelCatalogue(Loop& loop, scheduler::ModelRegistry& registry,
                               std::string default_model)
    : loop_(loop), registry_(registry), default_model_(std::move(default_model)) {}

void ModelCatalogue::Start() {
  loop_.Post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->RefreshRepeatedly();
  });
}

void ModelCatalogue::RefreshRepeatedly() {
  Refresh([](absl::StatusOr<std::shared_ptr<const Models>>) {});
  loop_.PostAfter(kRefresh, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->RefreshRepeatedly();
  });
}

const darkroom::v1::Model* ModelCatalogue::Find(absl::string_view id) const {
  const auto found = models_->find(std::string(id));
  return found == models_->end() ? nullptr : &found->second;
}

std::string ModelCatalogue::default_model() const {
  if (!default_model_.empty()) return default_model_;
  return models_->size() == 1 ? models_->begin()->first : "";
}

void ModelCatalogue::Refresh(Callback<std::shared_ptr<const Models>> done) {
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  registry_.List(Within<std::vector<scheduler::ModelEntry>>(
      loop_, kStoreTimeout,
      [weak = weak_from_this()](absl::StatusOr<std::vector<scheduler::ModelEntry>> entries) {
        if (auto self = weak.lock()) self->OnListed(std::move(entries));
      }));
}

void ModelCatalogue::OnListed(absl::StatusOr<std::vector<scheduler::ModelEntry>> entries) {
  if (entries.ok()) {
    models_ = Parse(*entries, costs_);
    last_success_ = loop_.clock().Now();
  }
  auto waiting = std::exchange(waiting_, {});
  for (auto& done : waiting) {
    if (entries.ok()) {
      done(models_);
    } else {
      done(entries.status());
    }
  }
}

}  // namespace darkroom::server
