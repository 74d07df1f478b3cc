-- What every script begins with: the build puts this text, fair.lua and moves.lua in front of each
-- of them.
--
-- KEYS: the key table of the pool (keys.h), the same for every script. Some entries are prefixes:
-- the job, model, worker or tenant that completes the name is known only here. All of a pool lies
-- in one hash slot.
-- Times and durations are whole microseconds, times since 1970, from this server's clock. They and
-- all counts stay below 2^53, where Lua's numbers are exact.
-- Under memory pressure a script that has written something may go on writing, whatever it writes.
-- So those that may be refused (submit, append_event, put_preview, announce, put_document, put_key,
-- take_request) begin with a write that is, and those that must succeed begin with a removal, which
-- always is allowed.

local K = {
  job = KEYS[1],         -- prefix: HASH, the truth about a job
  events = KEYS[2],      -- prefix: STREAM, its newest events
  previews = KEYS[3],    -- prefix: HASH image → JPEG
  request = KEYS[4],     -- prefix: STRING hash of (tenant, request_id) → job
  tenant = KEYS[5],      -- prefix: ZSET of the tenant's jobs by order
  queue = KEYS[6],       -- prefix: ZSET of the queued jobs of a tier, model and tenant by order
  queued = KEYS[7],      -- ZSET of all queued jobs by order
  deadlines = KEYS[8],   -- ZSET of the queued jobs that have a deadline by it
  leases = KEYS[9],      -- ZSET of the running jobs by the lease's expiry
  dead = KEYS[10],       -- ZSET of the dead letters by the time they are forgotten
  ended = KEYS[11],      -- ZSET of "<job>:<tenant>" of the terminal jobs by that time
  counters = KEYS[12],   -- HASH order, key_version
  models = KEYS[13],     -- ZSET of the models by last announcement
  records = KEYS[14],    -- HASH model → record
  workers = KEYS[15],    -- prefix: ZSET of the model's workers by last announcement
  answers = KEYS[16],    -- prefix: LIST of what an acquire with a token has leased
  channel = KEYS[17],    -- prefix: a job's channel
  work = KEYS[18],       -- channel of queued work
  documents = KEYS[19],  -- ZSET of the documents by the last time they were put
  document = KEYS[20],   -- prefix: STRING a document, by its digest
  heads = KEYS[21],      -- prefix: ZSET of the heads of a tier, or a tier and model, by start tag
  tags = KEYS[22],       -- prefix: ZSET of a tier's tenants by finish tag
  floors = KEYS[23],     -- prefix: HASH model → least start tag of a tier's new heads
  depths = KEYS[24],     -- prefix: HASH k → flows of a tier with at least k jobs
  aside = KEYS[25],      -- prefix: SET of a tenant's "<tier>:<model>" whose head is set aside
  tiers = KEYS[26],      -- HASH tier → queued jobs, of those that have any
  costs = KEYS[27],      -- HASH tier → cost of its queued jobs
  weights = KEYS[28],    -- HASH tier → weight
  clocks = KEYS[29],     -- HASH tier → virtual time
  clock_floors = KEYS[30],  -- HASH model → least clock of tiers that come back to it
  waiting = KEYS[31],    -- HASH tenant → its queued jobs
  running = KEYS[32],    -- HASH tenant → its leased jobs
  usage = KEYS[33],      -- prefix: HASH tenant → device time submitted on a day
  keys = KEYS[34],       -- ZSET of the API keys by version, the number of their last change
  key_records = KEYS[35],  -- HASH API key → record
  key_ends = KEYS[36],   -- ZSET of the API keys that are forgotten some day by that time
  requests = KEYS[37],   -- prefix: STRING time at which a tenant's bucket of requests is full
  throughput = KEYS[38], -- HASH done, time, last: how fast the pool works
  audit = KEYS[39],      -- STREAM what administrators have done
  fleet = KEYS[40],      -- ZSET of the workers by last report
  worker_records = KEYS[41],  -- HASH worker → record
  wishes = KEYS[42],     -- HASH worker → what is wanted of it, unless that is to serve
}

local HISTORY = 256      -- EventBus::kHistory
local MAX_CRASHES = 2    -- LeaseStore::kMaxCrashes

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

-- Lua would print large numbers with 14 digits, and minus zero with its sign.
local function int(number) return string.format('%.0f', number + 0) end

local function append(id, kind, ...)
  local sequence = redis.call('HINCRBY', K.job .. id, 'sequence', 1)
  redis.call('XADD', K.events .. id, 'MAXLEN', HISTORY, int(sequence) .. '-0',
             'time', int(now), 'kind', kind, ...)
  redis.call('PUBLISH', K.channel .. id, kind)
end

-- True when the lease is the job's newest and is held.
local function holds(id, fence)
  local job = redis.call('HMGET', K.job .. id, 'state', 'fence')
  return job[1] == 'RUNNING' and job[2] == fence
end
