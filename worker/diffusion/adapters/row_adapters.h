#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ROW_ADAPTERS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ROW_ADAPTERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/adapter.h"
#include "worker/diffusion/adapters/adapter_set.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// One adapter file made ready for one loaded model: a branch for every module that it changes.
// Immutable, usable from any thread.
class AdapterBranches {
 public:
  // `name` tells the file from all others that are in use. `place`: how the model computes a
  // module.
  AdapterBranches(std::string name, const AdapterSet& adapters, std::size_t modules,
                  const std::function<Placement(std::size_t module)>& place, const Ops& ops);

  const std::string& name() const { return name_; }

  // Null where the file leaves the module alone.
  const Branch* Find(std::size_t module) const { return branches_[module].get(); }

  // What all branches take.
  std::int64_t bytes() const { return bytes_; }

 private:
  std::string name_;
  std::int64_t bytes_ = 0;
  std::vector<std::unique_ptr<const Branch>> branches_;  // by module
};

// The adapters of the rows of one batch: of each its own, with its own strengths. Rows that use the
// same file share a call of its branches; rows without adapters are not touched. Immutable, usable
// from any thread. ADR 7 says how a forward carries it.
class RowAdapters {
 public:
  struct Use {
    std::shared_ptr<const AdapterBranches> branches;
    double strength = 1;
  };

  // Some of the rows of a batch, on the device, ascending.
  struct Places {
    at::Tensor taken;  // a single row is there twice: one alone may take other kernels (ops.h)
    at::Tensor rows;   // each once

    // Their values, `values` of taken, in `y`. Of a row that is there twice the first counts, which
    // lies in memory as the row of a batch does.
    void Put(const at::Tensor& values, at::Tensor* y) const;
  };

  // A batch of which some rows use files and some do not.
  struct Mixture {
    Places users;
    Places others;
    std::unique_ptr<const RowAdapters> adapters;  // of the users, one for each taken
  };

  // `rows`: what each row of the batch uses. `options`: of the tensors that modules compute on.
  RowAdapters(absl::Span<const std::vector<Use>> rows, at::TensorOptions options);

  // Adds to `y` [N, ...], which nobody else holds, what the rows' adapters of a module make of what
  // it sees, x [N, ...]. Of a row the bits do not depend on the other rows, nor on how many there
  // are, where ops.h promises that of the operations, N = 1 included.
  void AddTo(std::size_t module, const at::Tensor& x, at::Tensor* y) const;

  // False where AddTo would leave y alone.
  bool Changes(std::size_t module) const;

  // Null where all rows use files, or none does.
  const Mixture* mixture() const { return mixture_.get(); }

  // Those of some of the rows, which may occur several times.
  RowAdapters Select(absl::Span<const std::size_t> rows) const;

 private:
  // The rows that use one file.
  struct Group {
    std::shared_ptr<const AdapterBranches> branches;
    std::vector<std::int64_t> rows;  // ascending
    std::vector<double> strengths;   // of each
    Places places;                   // `rows`
    at::Tensor strength;             // [rows]; a single row is there twice
    bool all = false;                // every row of the batch, once
  };

  void FindMixture();

  // In the order of the files' names, the same in every batch: sums depend on their order.
  std::vector<Group> groups_;
  std::vector<std::vector<Use>> rows_;
  at::TensorOptions options_;
  std::unique_ptr<const Mixture> mixture_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ROW_ADAPTERS_H_
