#ifndef DARKROOM_SCHEDULER_REDIS_LUA_SCRIPTS_H_
#define DARKROOM_SCHEDULER_REDIS_LUA_SCRIPTS_H_

#include "absl/types/span.h"

namespace darkroom::scheduler::lua {

// A script of lua/, the body of a function of the library (function_library.h). Each file tells its
// ARGV and what it returns.
struct LuaScript {
  const char* name;
  const char* flag;  // of Redis functions: "no-writes", "allow-oom" or ""
  const char* body;
};

// What comes before them in the library: prelude.lua, fair.lua and moves.lua.
extern const char kShared[];

extern const LuaScript kSubmit;
extern const LuaScript kGetJob;
extern const LuaScript kListJobs;
extern const LuaScript kCancel;
extern const LuaScript kDepth;
extern const LuaScript kAcquire;
extern const LuaScript kRenew;
extern const LuaScript kFinish;
extern const LuaScript kRelease;
extern const LuaScript kReap;
extern const LuaScript kAppendEvent;
extern const LuaScript kPutPreview;
extern const LuaScript kAnnounce;
extern const LuaScript kWithdraw;
extern const LuaScript kListModels;
extern const LuaScript kPutDocument;
extern const LuaScript kPutKey;
extern const LuaScript kGetKey;
extern const LuaScript kReadKeys;
extern const LuaScript kTakeRequest;
extern const LuaScript kListDead;
extern const LuaScript kGetDead;
extern const LuaScript kAppendAudit;
extern const LuaScript kReportWorker;
extern const LuaScript kLeaveFleet;
extern const LuaScript kListWorkers;
extern const LuaScript kAskWorker;
extern const LuaScript kDepthByTier;
extern const LuaScript kCountPromises;
extern const LuaScript kReadPromises;
extern const LuaScript kPutStep;

absl::Span<const LuaScript* const> AllScripts();

}  // namespace darkroom::scheduler::lua

#endif  // DARKROOM_SCHEDULER_REDIS_LUA_SCRIPTS_H_
