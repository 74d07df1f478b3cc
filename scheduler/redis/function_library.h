#ifndef DARKROOM_SCHEDULER_REDIS_FUNCTION_LIBRARY_H_
#define DARKROOM_SCHEDULER_REDIS_FUNCTION_LIBRARY_H_

#include <string>

#include "scheduler/redis/lua_scripts.h"

namespace darkroom::scheduler {

// All Lua scripts as one library of Redis functions (redis.io, "Redis functions"). Redis compiles
// it once; a script that is called with EVALSHA would define all that it shares with others at
// every call. The names of library and functions hold a digest of the text, so that processes of
// two versions use one Redis side by side, each its own library.
class FunctionLibrary {
 public:
  // The one of this program. Thread-safe.
  static const FunctionLibrary& Get();

  const std::string& name() const { return name_; }
  // For FUNCTION LOAD.
  const std::string& text() const { return text_; }
  // For FCALL, which takes the base of a pool's names as its only key, and the script's ARGV.
  std::string FunctionOf(const lua::LuaScript& script) const;

 private:
  FunctionLibrary();

  std::string name_;
  std::string text_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_FUNCTION_LIBRARY_H_
