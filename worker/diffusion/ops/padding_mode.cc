#include "worker/diffusion/ops/padding_mode.h"

#include <utility>

namespace darkroom::diffusion {
namespace {

thread_local PaddingMode current_mode = PaddingMode::kZeros;

}  // namespace

PaddingModeScope::PaddingModeScope(PaddingMode mode) : outer_(std::exchange(current_mode, mode)) {}

PaddingModeScope::~PaddingModeScope() { current_mode = outer_; }

PaddingMode PaddingModeScope::current() { return current_mode; }

}  // namespace darkroom::diffusion
