#include "cli/picture_options.h"

#include <algorithm>
#include <utility>

#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr std::pair<FieldGroup, absl::string_view> kHeadings[] = {
    {FieldGroup::kInit, "A picture to begin with"},
    {FieldGroup::kMask, "A part of it alone"},
    {FieldGroup::kHires, "Made again, larger (hires fix)"},
    {FieldGroup::kText, "How the prompt is read"},
    {FieldGroup::kSeed, "Seed and noise"},
    {FieldGroup::kSampler, "Noise of the sampler"},
    {FieldGroup::kSchedule, "Noise schedule"},
    {FieldGroup::kGuidance, "Guidance"},
};

}  // namespace

void PictureOptions::Declare(OptionParser& options, const PictureField& field) {
  options.Add({std::string(field.name), std::string(field.value), std::string(field.help), ""},
              [this, &field](absl::string_view written) {
                const absl::string_view value =
                    field.kind == FieldKind::kSwitch ? absl::string_view("true") : written;
                darkroom::v1::ImageParameters scratch;
                DARKROOM_RETURN_IF_ERROR(field.set(value, scratch));
                given_.push_back({&field, std::string(value)});
                return absl::OkStatus();
              });
}

void PictureOptions::DeclareEveryday(OptionParser& options,
                                     absl::Span<const absl::string_view> except) {
  for (const PictureField& field : PictureFields()) {
    const bool wanted = std::find(except.begin(), except.end(), field.name) == except.end();
    if (field.group == FieldGroup::kPicture && wanted) Declare(options, field);
  }
}

void PictureOptions::DeclareOthers(OptionParser& options) {
  for (const auto& [group, heading] : kHeadings) {
    options.BeginGroup(heading);
    for (const PictureField& field : PictureFields()) {
      if (field.group == group) Declare(options, field);
    }
  }
}

void PictureOptions::DeclareOnly(OptionParser& options, absl::Span<const absl::string_view> names) {
  for (const absl::string_view name : names) Declare(options, *FindPictureField(name));
}

void PictureOptions::Apply(darkroom::v1::ImageParameters& parameters) const {
  for (const Given& given : given_) given.field->set(given.value, parameters).IgnoreError();
}

}  // namespace darkroom::cli
