#ifndef DARKROOM_SCHEDULER_CORE_RECORD_VERSION_H_
#define DARKROOM_SCHEDULER_CORE_RECORD_VERSION_H_

#include <cstdint>

namespace darkroom::scheduler {

// The versions of what is stored (docs/redis_format.md, "Versions"): the latest of each that this
// program reads, and the one that it writes. A version says what a reader must understand. Fields
// that older readers may pass over do not raise it; when it has to be raised, one release reads the
// new version and the next one writes it.

inline constexpr std::uint32_t kJobSpecVersion = 1;
inline constexpr std::uint32_t kJobResultVersion = 1;
inline constexpr std::uint32_t kEventVersion = 1;
inline constexpr std::uint32_t kModelRecordVersion = 1;
inline constexpr std::uint32_t kAdapterListVersion = 1;
inline constexpr std::uint32_t kKeyRecordVersion = 1;
inline constexpr std::uint32_t kWorkerRecordVersion = 1;
inline constexpr std::uint32_t kAuditEntryVersion = 1;
inline constexpr std::uint32_t kSavedStepVersion = 1;
// Of the keys themselves: what lies where, and which of them belong together.
inline constexpr std::uint32_t kLayoutVersion = 1;

// True of a record that a program whose latest version is `own` understands. No record has
// version 0: that is what bytes of another kind look like.
inline bool IsReadable(std::uint32_t version, std::uint32_t own) {
  return version >= 1 && version <= own;
}

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_RECORD_VERSION_H_
