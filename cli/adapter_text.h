#ifndef DARKROOM_CLI_ADAPTER_TEXT_H_
#define DARKROOM_CLI_ADAPTER_TEXT_H_

#include <string>

#include "darkroom/v1/model_service.pb.h"

namespace darkroom::cli {

// A table of adapters, each as it is written in a prompt. At least one.
std::string AdaptersText(const darkroom::v1::ListAdaptersResponse& listed);

// A table of upscalers. At least one.
std::string UpscalersText(const darkroom::v1::ListUpscalersResponse& listed);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_ADAPTER_TEXT_H_
