#ifndef DARKROOM_WORKER_ENGINE_MODEL_ANNOUNCER_H_
#define DARKROOM_WORKER_ENGINE_MODEL_ANNOUNCER_H_

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "darkroom/v1/model.pb.h"
#include "scheduler/core/model_registry.h"
#include "worker/engine/mailbox.h"
#include "worker/engine/served_model.h"
#include "worker/engine/step_meter.h"

namespace darkroom::worker {

// What clients are told about a model.
struct AnnouncedModel {
  v1::Model record;       // without measured times and adapters_digest
  std::string tokenizer;  // that the record's digest is of
};

AnnouncedModel DescribeModel(const ServedModel& model);

// Tells the registry every 5 s which models this worker serves and how fast, and keeps there what
// their records name: their tokenizers, and the list of adapters that their prompts may call.
//
// One thread owns it and calls Run (or, in a test, Pump); Withdraw, SetModels, SetAdapters and Stop
// may be called from any.
class ModelAnnouncer {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(5);
  // A registry that has lost a document has it again after this.
  static constexpr absl::Duration kDocumentInterval = absl::Minutes(1);

  // Registry, meter and clock outlive it. `told`, on its thread: how each announcement went, and
  // the withdrawal; null: nobody wants to know.
  ModelAnnouncer(std::string worker, std::vector<AnnouncedModel> models,
                 scheduler::ModelRegistry& registry, const StepMeter& meter, const Clock& clock,
                 std::function<void(const absl::Status&)> told = nullptr);

  // Says, once, that this worker stops; announces nothing more.
  void Withdraw() { mailbox_->Post(Withdrawn{}); }
  // In place of all before; announced at once.
  void SetModels(std::vector<AnnouncedModel> models) { mailbox_->Post(std::move(models)); }
  // The adapters of all models, a darkroom.internal.v1.AdapterList; announced at once. Empty: none.
  void SetAdapters(std::string list) { mailbox_->Post(Adapters{std::move(list)}); }
  void Stop() { mailbox_->Close(); }

  // Announces when it is due, never blocking, and returns how long nothing will be.
  absl::Duration Pump();
  // Pumps until Stop; what was posted before Stop is still done.
  void Run();

 private:
  struct Withdrawn {};
  struct Adapters {
    std::string list;
  };
  struct DocumentOutcome {
    absl::Status status;
  };
  using Models = std::vector<AnnouncedModel>;
  using Message = std::variant<Withdrawn, Models, Adapters, absl::Status, DocumentOutcome>;

  void ReadMail();
  void Handle(Withdrawn);
  void Handle(const absl::Status& status);
  void Handle(Models models);
  void Handle(Adapters adapters);
  void Handle(const DocumentOutcome& outcome);
  void Announce();
  void PutDocuments();

  const std::string worker_;
  scheduler::ModelRegistry& registry_;
  const StepMeter& meter_;
  const Clock& clock_;
  const std::function<void(const absl::Status&)> told_;
  const std::shared_ptr<Mailbox<Message>> mailbox_ = std::make_shared<Mailbox<Message>>();
  Models models_;
  std::string adapters_list_;  // empty: there is none
  std::string adapters_digest_;
  bool withdrawn_ = false;
  absl::Time due_ = absl::InfinitePast();
  absl::Time documents_due_ = absl::InfinitePast();
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_ANNOUNCER_H_
