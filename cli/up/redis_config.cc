#include "cli/up/redis_config.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace darkroom::cli {
namespace {

// A redis.conf string in double quotes takes C-like escapes.
std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string RedisConfig(const RedisSettings& settings) {
  return absl::StrCat("# Written by `darkroom up` at every start.\n",  //
                      "bind 127.0.0.1\n",                              //
                      "port ", settings.port, "\n",                    //
                      "dir ", Quoted(settings.data.string()), "\n",    //
                      "daemonize no\n",                                //
                      "appendonly yes\n",                              //
                      "appendfsync always\n",                          //
                      "save \"\"\n",                                   //
                      "maxmemory ", settings.max_memory, "\n",         //
                      "maxmemory-policy noeviction\n",                 //
                      settings.password.empty() ? "" : "requirepass " + settings.password + "\n");
}

}  // namespace darkroom::cli
