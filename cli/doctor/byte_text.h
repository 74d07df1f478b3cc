#ifndef DARKROOM_CLI_DOCTOR_BYTE_TEXT_H_
#define DARKROOM_CLI_DOCTOR_BYTE_TEXT_H_

#include <cstdint>
#include <string>

namespace darkroom::cli {

// For people: "512 bytes", "3.4 MiB", "12 GiB".
std::string ByteText(std::int64_t bytes);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_BYTE_TEXT_H_
