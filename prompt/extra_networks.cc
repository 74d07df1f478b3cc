#include "prompt/extra_networks.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "prompt/characters.h"

namespace darkroom::prompt {
namespace {

ExtraNetwork ReadTag(absl::string_view kind, absl::string_view arguments) {
  ExtraNetwork network = {.kind = std::string(kind), .positional = {}, .named = {}};
  for (const absl::string_view argument : absl::StrSplit(arguments, ':')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(argument, '=');
    if (sides.size() == 2) {
      network.named.emplace_back(sides[0], sides[1]);
    } else {
      network.positional.emplace_back(argument);
    }
  }
  return network;
}

// The argument called `name`, else the one at `place`, else null.
const std::string* FindArgument(const ExtraNetwork& network, absl::string_view name,
                                std::size_t place) {
  for (auto named = network.named.rbegin(); named != network.named.rend(); ++named) {
    if (named->first == name) return &named->second;
  }
  return place < network.positional.size() ? &network.positional[place] : nullptr;
}

// False where the argument is there and is no number; `value` stays where it is not there.
bool ReadMultiplier(const ExtraNetwork& network, absl::string_view name, std::size_t place,
                    double* value) {
  const std::string* argument = FindArgument(network, name, place);
  if (argument == nullptr) return true;
  const std::optional<double> number = ParseFloat(*argument);
  if (!number.has_value() || !std::isfinite(*number)) return false;
  *value = *number;
  return true;
}

}  // namespace

WithoutNetworks TakeExtraNetworks(absl::string_view prompt) {
  WithoutNetworks result;
  std::size_t kept = 0;  // everything before is in the result
  std::size_t close = 0;
  for (std::size_t open = prompt.find('<'); open != prompt.npos;
       open = prompt.find('<', open + 1)) {
    if (open < kept) continue;
    const std::size_t colon = WordEnd(prompt, open + 1);
    if (colon == open + 1 || colon == prompt.size() || prompt[colon] != ':') continue;
    if (close <= colon) close = prompt.find('>', colon + 1);
    if (close == prompt.npos) break;
    if (close == colon + 1) continue;
    absl::StrAppend(&result.text, prompt.substr(kept, open - kept));
    result.networks.push_back(ReadTag(prompt.substr(open + 1, colon - open - 1),
                                      prompt.substr(colon + 1, close - colon - 1)));
    kept = close + 1;
  }
  absl::StrAppend(&result.text, prompt.substr(kept));
  return result;
}

std::optional<NetworkArguments> ReadNetworkArguments(const ExtraNetwork& network) {
  if (network.positional.empty()) return std::nullopt;
  NetworkArguments arguments;
  arguments.name = network.positional[0];
  if (!ReadMultiplier(network, "te", 1, &arguments.text_encoder_multiplier)) return std::nullopt;
  arguments.unet_multiplier = arguments.text_encoder_multiplier;
  if (!ReadMultiplier(network, "unet", 2, &arguments.unet_multiplier)) return std::nullopt;
  if (const std::string* rank = FindArgument(network, "dyn", 3); rank != nullptr) {
    arguments.dynamic_rank = ParseInt(*rank);
    if (!arguments.dynamic_rank.has_value()) return std::nullopt;
  }
  return arguments;
}

}  // namespace darkroom::prompt
