#ifndef DARKROOM_PROMPT_EXTRA_NETWORKS_H_
#define DARKROOM_PROMPT_EXTRA_NETWORKS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// A tag <kind:arguments> of a prompt, its arguments separated by colons.
struct ExtraNetwork {
  std::string kind;
  std::vector<std::string> positional;
  // Those with exactly one equals sign. Of equal names the last counts.
  std::vector<std::pair<std::string, std::string>> named;

  friend bool operator==(const ExtraNetwork&, const ExtraNetwork&) = default;
};

struct WithoutNetworks {
  std::string text;
  std::vector<ExtraNetwork> networks;  // as they stood
};

// Takes the tags out of a positive prompt (AUTOMATIC1111 modules/extra_networks.py, parse_prompt),
// whatever their kind. In a negative prompt tags are text. Linear.
WithoutNetworks TakeExtraNetworks(absl::string_view prompt);

// The arguments of a <lora:> or <lyco:> tag, `name:te:unet:dyn` or by name
// (extensions-builtin/Lora, extra_networks_lora.py).
struct NetworkArguments {
  std::string name;  // of the file, as the writer knows it: never a path
  double text_encoder_multiplier = 1;
  double unet_multiplier = 1;  // if absent, that of the text encoder
  std::optional<int> dynamic_rank;
};

// Nothing where the name is missing or a number is none, where the reference reports an error and
// goes on without any network. Numbers are finite.
std::optional<NetworkArguments> ReadNetworkArguments(const ExtraNetwork& network);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_EXTRA_NETWORKS_H_
