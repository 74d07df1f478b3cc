-- The beginning of the library that all functions are in: what they share. fair.lua and moves.lua
-- come next, then each script of this folder as a function; function_library.h puts them together.
--
-- A function has one key, the base of the pool's names, from which `enter` makes K. All of a pool
-- lies in one hash slot. Times and durations are whole microseconds, times since 1970, from this
-- server's clock. They and all counts stay below 2^53, where Lua's numbers are exact.
--
-- Each script says with FLAGS what Redis may do with it while memory is short: without a flag it is
-- refused before it has done anything.

local HISTORY = '256'  -- EventBus::kHistory
local MAX_CRASHES = 2  -- LeaseStore::kMaxCrashes
local EVENT_VERSION = '1'  -- kEventVersion of record_version.h

local pools = {}  -- base → its K
local K           -- the names of keys.cc; some are prefixes, which an id completes
local now

local function enter(base)
  K = pools[base]
  if not K then
    K = {}
    for name, key in pairs(NAMES) do K[name] = base .. key end
    pools[base] = K
  end
  local clock = redis.call('TIME')
  now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
end

-- Lua would print large numbers with 14 digits. Text is also faster than a number as an argument of a
-- command, so constants are written as text.
local function int(number) return string.format('%d', number) end

-- True when the lease is the job's newest and is held.
local function holds(id, fence)
  local job = redis.call('HMGET', K.job .. id, 'state', 'fence')
  return job[1] == 'RUNNING' and job[2] == fence
end

-- Puts the event into the job's history.
local function log(id, sequence, kind, ...)
  redis.call('XADD', K.events .. id, 'MAXLEN', HISTORY, int(sequence) .. '-0',
             'version', EVENT_VERSION, 'time', int(now), 'kind', kind, ...)
end

-- A job that is to be moved, or nil: read once, changed here, and written once by `save`.
local function read_job(id)
  local job = redis.call('HMGET', K.job .. id, 'tenant', 'model', 'order', 'cost', 'tier', 'weight',
                         'max_running', 'deadline', 'state', 'fence', 'attempts', 'crashes',
                         'cancel', 'sequence', 'lease_end', 'started', 'request', 'day',
                         'version')
  if not job[1] then return nil end
  local tier = job[5] or 'standard'  -- of a job that an older version has queued
  return {id = id, tenant = job[1], model = job[2], order = tonumber(job[3]),
          cost = tonumber(job[4]), tier = tier, weight = tonumber(job[6] or '1'),
          max_running = tonumber(job[7] or '0'), deadline = job[8], state = job[9],
          fence = tonumber(job[10]), attempts = tonumber(job[11]), crashes = tonumber(job[12]),
          cancel = job[13], sequence = tonumber(job[14]), lease_end = job[15], started = job[16],
          request = job[17], day = job[18], version = tonumber(job[19] or '1'),
          flow = K.queue .. tier .. ':' .. job[2] .. ':' .. job[1], changes = {}}
end

local function set(job, field, value)
  local changes = job.changes
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end

-- Writes the event now, and its sequence with `save`.
local function append(job, kind, ...)
  job.sequence = job.sequence + 1
  log(job.id, job.sequence, kind, ...)
  redis.call('PUBLISH', K.channel .. job.id, kind)
end

local function save(job)
  set(job, 'sequence', int(job.sequence))
  redis.call('HSET', K.job .. job.id, unpack(job.changes))
  job.changes = {}
end
