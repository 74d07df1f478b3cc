#include "worker/diffusion/adapters/row_adapters.h"

#include <algorithm>
#include <utility>

#include "ATen/ops/tensor.h"

namespace darkroom::diffusion {
namespace {

// Some rows of x, in its memory format, which index_select does not keep.
at::Tensor Rows(const at::Tensor& x, const at::Tensor& index) {
  return x.index_select(0, index).contiguous(x.suggest_memory_format());
}

at::Tensor OnDevice(const std::vector<std::int64_t>& rows, const at::Device& device) {
  return at::tensor(rows, at::kLong).to(device);
}

RowAdapters::Places PlacesOf(std::vector<std::int64_t> rows, const at::Device& device) {
  RowAdapters::Places places;
  places.rows = OnDevice(rows, device);
  if (rows.size() == 1) rows.push_back(rows.front());
  places.taken = OnDevice(rows, device);
  return places;
}

}  // namespace

void RowAdapters::Places::Put(const at::Tensor& values, at::Tensor* y) const {
  y->index_copy_(0, rows, values.narrow(0, 0, rows.size(0)));
}

AdapterBranches::AdapterBranches(std::string name, const AdapterSet& adapters, std::size_t modules,
                                 const std::function<Placement(std::size_t module)>& place,
                                 const Ops& ops)
    : name_(std::move(name)), branches_(modules) {
  for (std::size_t i = 0; i < modules; ++i) {
    const Adapter* adapter = adapters.Find(i);
    if (adapter == nullptr) continue;
    branches_[i] = adapter->MakeBranch(place(i), ops);
    bytes_ += branches_[i]->bytes();
  }
}

RowAdapters::RowAdapters(absl::Span<const std::vector<Use>> rows, at::TensorOptions options)
    : rows_(rows.begin(), rows.end()), options_(options) {
  // A file that was replaced while rows still use what it was has the same name.
  std::map<std::pair<std::string, const AdapterBranches*>, Group> groups;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    for (const Use& use : rows[i]) {
      Group& group = groups[{use.branches->name(), use.branches.get()}];
      group.branches = use.branches;
      if (!group.rows.empty() && group.rows.back() == row) {
        group.strengths.back() += use.strength;  // a file twice in one row
        continue;
      }
      group.rows.push_back(row);
      group.strengths.push_back(use.strength);
    }
  }
  for (auto& [name, group] : groups) {
    group.all = group.rows.size() == rows.size() && rows.size() > 1;
    group.places = PlacesOf(group.rows, options.device());
    if (group.strengths.size() == 1) group.strengths.push_back(group.strengths.front());
    group.strength = at::tensor(group.strengths, at::kDouble).to(options);
    groups_.push_back(std::move(group));
  }
  FindMixture();
}

void RowAdapters::FindMixture() {
  std::vector<std::size_t> users, others;
  for (std::size_t i = 0; i < rows_.size(); ++i) (rows_[i].empty() ? others : users).push_back(i);
  if (users.empty() || others.empty()) return;
  const auto places = [this](const std::vector<std::size_t>& rows) {
    return PlacesOf(std::vector<std::int64_t>(rows.begin(), rows.end()), options_.device());
  };
  std::vector<std::size_t> taken = users;
  if (taken.size() == 1) taken.push_back(taken.front());
  mixture_ = std::make_unique<const Mixture>(
      Mixture{.users = places(users),
              .others = places(others),
              .adapters = std::make_unique<const RowAdapters>(Select(taken))});
}

RowAdapters RowAdapters::Select(absl::Span<const std::size_t> rows) const {
  std::vector<std::vector<Use>> selected;
  for (const std::size_t row : rows) selected.push_back(rows_[row]);
  return RowAdapters(selected, options_);
}

bool RowAdapters::Changes(std::size_t module) const {
  return std::any_of(groups_.begin(), groups_.end(), [module](const Group& group) {
    return group.branches->Find(module) != nullptr;
  });
}

void RowAdapters::AddTo(std::size_t module, const at::Tensor& x, at::Tensor* y) const {
  for (const Group& group : groups_) {
    const Branch* branch = group.branches->Find(module);
    if (branch == nullptr) continue;
    std::vector<std::int64_t> column(static_cast<std::size_t>(x.dim()), 1);
    column[0] = group.strength.size(0);
    const at::Tensor strength = group.strength.view(column);
    if (group.all) {
      at::Tensor changed = branch->Forward(x, strength, *y);
      // Pixels of 1 x 1 may come in another order of dimensions, and then choose other kernels.
      if (changed.strides() == y->strides()) {
        *y = std::move(changed);
      } else {
        y->copy_(changed);
      }
      continue;
    }
    const at::Tensor& taken = group.places.taken;
    group.places.Put(branch->Forward(Rows(x, taken), strength, Rows(*y, taken)), y);
  }
}

}  // namespace darkroom::diffusion
