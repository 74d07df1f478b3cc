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
                      // A job in a quarter of the memory: docs/redis_format.md.
                      "stream-node-max-bytes 512\n",     //
                      "hash-max-listpack-value 4096\n",  //
                      settings.password.empty() ? "" : "requirepass " + settings.password + "\n");
}

std::vector<std::string> RedisCommandLine(const std::filesystem::path& program,
                                          const std::filesystem::path& config,
                                          const std::filesystem::path& data) {
  constexpr char kScript[] =
      "if [ -e \"$3\" ]; then yes | redis-check-aof --fix \"$3\" || exit; fi; exec \"$1\" \"$2\"";
  return {"/bin/sh",
          "-c",
          kScript,
          "redis-server",
          program,
          config,
          data / "appendonlydir" / "appendonly.aof.manifest"};
}

}  // namespace darkroom::cli
