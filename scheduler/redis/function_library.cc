#include "scheduler/redis/function_library.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/sha256.h"
#include "scheduler/redis/keys.h"

namespace darkroom::scheduler {
namespace {

// Of a library, with 48 bits to tell one from the next.
constexpr std::size_t kDigestLength = 12;

std::string NamesOfKeys() {
  std::string table = "local NAMES = {";
  for (const Keys::Name& name : Keys::Names()) {
    absl::StrAppend(&table, name.lua, " = '", name.key, "', ");
  }
  return absl::StrCat(table, "}\n");
}

}  // namespace

const FunctionLibrary& FunctionLibrary::Get() {
  static const auto* const kLibrary = new FunctionLibrary();
  return *kLibrary;
}

FunctionLibrary::FunctionLibrary() {
  const std::string shared = absl::StrCat(NamesOfKeys(), lua::kShared);
  std::string everything = shared;
  for (const lua::LuaScript* script : lua::AllScripts()) {
    absl::StrAppend(&everything, script->name, script->flag, script->body);
  }
  name_ = absl::StrCat("dr_", Sha256Hex(everything).substr(0, kDigestLength));
  text_ = absl::StrCat("#!lua name=", name_, "\n", shared);
  for (const lua::LuaScript* script : lua::AllScripts()) {
    const absl::string_view flag = script->flag;
    absl::StrAppend(&text_, "redis.register_function{function_name = '", FunctionOf(*script),
                    "', flags = {", flag.empty() ? "" : absl::StrCat("'", flag, "'"),
                    "}, callback = function(KEYS, ARGV)\nenter(KEYS[1])\n", script->body,
                    "\nend}\n");
  }
}

std::string FunctionLibrary::FunctionOf(const lua::LuaScript& script) const {
  return absl::StrCat(name_, "_", script.name);
}

}  // namespace darkroom::scheduler
