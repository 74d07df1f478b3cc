#ifndef DARKROOM_COMMON_IDS_H_
#define DARKROOM_COMMON_IDS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom {

// 128 random bits from the operating system as 32 lower-case hexadecimal digits. Thread-safe.
std::string RandomId();

// True for what RandomId() returns: ids from outside are checked before they become part of a key.
bool IsRandomId(absl::string_view text);

// True for [a-z0-9._-]{1,64}: names of models, workers and tenants. Such a name is only ever looked
// up in a map; it is never part of a path.
bool IsCatalogueId(absl::string_view text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_IDS_H_
