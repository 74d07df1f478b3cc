#include "worker/diffusion/weights/checkpoint_weights.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/checkpoint_names.h"
#include "worker/diffusion/weights/tensor_checks.h"
#include "worker/diffusion/weights/tensor_reader.h"

namespace darkroom::diffusion {
namespace {

// One part of a file under diffusers' names.
class PartWeights : public WeightSource {
 public:
  PartWeights(std::shared_ptr<const SafetensorsFile> file, CheckpointNames names,
              const at::TensorOptions& options)
      : file_(std::move(file)), names_(std::move(names)), read_(options) {}

  // Before anything is taken.
  absl::Status Read();

  bool Contains(const std::string& name) const override {
    const std::optional<StoredName> stored = names_.Find(name);
    return stored.has_value() && file_->tensors().contains(stored->name);
  }

  absl::StatusOr<at::Tensor> Take(const std::string& name,
                                  absl::Span<const std::int64_t> shape) override;

  // One that MayBeLeft and is asked for all the same.
  absl::StatusOr<at::Tensor> ReadLate(const std::string& name);

  // INVALID_ARGUMENT lists what is left of the part and may not be.
  absl::Status CheckAllTaken() const;

 private:
  const std::shared_ptr<const SafetensorsFile> file_;
  const CheckpointNames names_;
  TensorReader read_;
  absl::flat_hash_set<std::string> taken_;
};

absl::Status PartWeights::Read() {
  std::vector<std::string> names;
  for (const auto& [name, view] : file_->tensors()) {
    // What may be left is outside of the part, or as good as never asked for.
    if (!names_.MayBeLeft(name)) names.push_back(name);
  }
  return read_.Read(*file_, names, at::MemoryFormat::ChannelsLast);
}

// The query, key or value rows of a tensor that holds all three.
absl::StatusOr<TensorView> Third(const TensorView& view) {
  if (view.shape.empty() || view.shape[0] % 3 != 0) {
    return absl::InvalidArgumentError("is not made of three equal parts");
  }
  TensorView rows = view;
  rows.shape[0] /= 3;
  return rows;
}

// A 1x1 convolution as the linear layer that it is: the same numbers.
void DropUnitDimensions(std::size_t rank, TensorView* view) {
  while (view->shape.size() > rank && view->shape.back() == 1) view->shape.pop_back();
}

absl::StatusOr<at::Tensor> PartWeights::Take(const std::string& name,
                                             absl::Span<const std::int64_t> shape) {
  const std::optional<StoredName> stored = names_.Find(name);
  if (!stored.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_->path(), ": such a file has no tensor for '", name, "'"));
  }
  const auto found = file_->tensors().find(stored->name);
  if (found == file_->tensors().end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_->path(), ": no tensor '", stored->name, "'"));
  }
  const std::string where = absl::StrCat(file_->path(), ": tensor '", stored->name, "'");
  TensorView view = found->second;
  if (stored->third >= 0) {
    absl::StatusOr<TensorView> rows = Third(view);
    if (!rows.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(where, " ", rows.status().message()));
    }
    view = *std::move(rows);
  }
  DropUnitDimensions(shape.size(), &view);
  std::vector<std::int64_t> stored_shape(shape.begin(), shape.end());
  if (stored->transposed) stored_shape.assign(shape.rbegin(), shape.rend());
  DARKROOM_RETURN_IF_ERROR(CheckWeight(view, where, stored_shape));
  taken_.insert(stored->name);
  at::Tensor tensor = read_.Find(stored->name);
  if (!tensor.defined()) {
    DARKROOM_ASSIGN_OR_RETURN(tensor, ReadLate(stored->name));
  }
  if (stored->third < 0) read_.Drop(stored->name);
  if (stored->third >= 0) tensor = tensor.narrow(0, stored->third * view.shape[0], view.shape[0]);
  if (tensor.sizes() != at::IntArrayRef(stored_shape)) tensor = tensor.view(stored_shape);
  return stored->transposed ? tensor.t().contiguous() : tensor;
}

absl::StatusOr<at::Tensor> PartWeights::ReadLate(const std::string& name) {
  DARKROOM_RETURN_IF_ERROR(read_.Read(*file_, {name}, at::MemoryFormat::Contiguous));
  return read_.Find(name);
}

absl::Status PartWeights::CheckAllTaken() const {
  std::vector<std::string> left;
  for (const auto& [name, view] : file_->tensors()) {
    if (!taken_.contains(name) && !names_.MayBeLeft(name)) left.push_back(name);
  }
  return LeftOverError(file_->path(), std::move(left));
}

absl::Status LoadFrom(PartWeights weights,
                      absl::FunctionRef<absl::Status(const WeightScope&)> load) {
  DARKROOM_RETURN_IF_ERROR(weights.Read());
  DARKROOM_RETURN_IF_ERROR(load(WeightScope(&weights)));
  return weights.CheckAllTaken();
}

}  // namespace

absl::Status CheckpointWeights::Load(absl::string_view part, const at::TensorOptions& options,
                                     absl::FunctionRef<absl::Status(const WeightScope&)> load) {
  const CheckpointLayout& layout = checkpoint_.layout;
  const ModelConfig& config = checkpoint_.config;
  const auto load_part = [&](const CheckpointPart& stored, int text_layers) {
    return LoadFrom(
        PartWeights(checkpoint_.file, CheckpointNames(stored, config, text_layers), options), load);
  };
  if (part == "unet") return load_part(layout.unet, 0);
  if (part == "vae" && layout.vae.has_value()) return load_part(*layout.vae, 0);
  for (std::size_t i = 0; i < layout.text_encoders.size(); ++i) {
    if (part != TextEncoderPart(layout.family, i)) continue;
    return load_part(layout.text_encoders[i], config.text_encoders[i].clip.num_hidden_layers);
  }
  return absl::NotFoundError(absl::StrCat(checkpoint_.file->path(), ": has no ", part,
                                          part == "vae" ? "; name one for it" : ""));
}

absl::Status SeparateVaeWeights::Load(absl::string_view part, const at::TensorOptions& options,
                                      absl::FunctionRef<absl::Status(const WeightScope&)> load) {
  if (part != "vae") return weights_->Load(part, options, load);
  ModelConfig config;
  config.vae = vae_.config;
  return LoadFrom(PartWeights(vae_.file, CheckpointNames(vae_.part, config, 0), options), load);
}

}  // namespace darkroom::diffusion
