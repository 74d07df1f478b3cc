#include "server/admission/count_rules.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;

constexpr int kMaxImagesOfAny = 1 << 10;  // where the model is unknown

struct CountLimit {
  int field;
  int least;
  int most;
  int otherwise;  // what unset means
};

}  // namespace

void ResolveCounts(Resolution& request) {
  const darkroom::v1::Model* model = request.model;
  const CountLimit limits[] = {
      {ImageParameters::kStepsFieldNumber, 1,
       model != nullptr ? std::min(model->max_steps(), kMaxSteps) : kMaxSteps,
       model != nullptr ? model->default_steps() : 1},
      {ImageParameters::kImageCountFieldNumber, 1,
       model != nullptr ? model->max_images() : kMaxImagesOfAny, 1},
      {ImageParameters::kClipSkipFieldNumber, 1,
       model != nullptr ? model->max_clip_skip() : kMaxClipSkip, 1},
      {ImageParameters::kPreviewIntervalFieldNumber, 0, kMaxSteps, kDefaultPreviewInterval},
  };
  ImageParameters& resolved = request.resolved;
  for (const CountLimit& limit : limits) {
    const auto* field = resolved.GetDescriptor()->FindFieldByNumber(limit.field);
    const auto* reflection = resolved.GetReflection();
    if (reflection->HasField(resolved, field)) {
      request.violations.CheckRange(field->name(), reflection->GetInt32(resolved, field),
                                    limit.least, limit.most);
    } else {
      reflection->SetInt32(&resolved, field, limit.otherwise);
    }
  }
}

}  // namespace darkroom::server
