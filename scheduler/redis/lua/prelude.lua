-- What every script begins with: the build puts this text in front of each of them.
--
-- KEYS: the key table of the pool (keys.h), the same for every script. Some entries are prefixes:
-- the job, model, worker or tenant that completes the name is known only here. All of a pool lies
-- in one hash slot.
-- Times and durations are whole microseconds, times since 1970, from this server's clock. They and
-- all counts stay below 2^53, where Lua's numbers are exact.
-- Under memory pressure a script that has written something may go on writing, whatever it writes.
-- So those that may be refused (submit, append_event, put_preview, announce, put_document) begin
-- with a write that is, and those that must succeed begin with a removal, which always is allowed.

local K = {
  job = KEYS[1],         -- prefix: HASH, the truth about a job
  events = KEYS[2],      -- prefix: STREAM, its newest events
  previews = KEYS[3],    -- prefix: HASH image → JPEG
  request = KEYS[4],     -- prefix: STRING hash of (tenant, request_id) → job
  tenant = KEYS[5],      -- prefix: ZSET of the tenant's jobs by order
  queue = KEYS[6],       -- prefix: ZSET of a model's queued jobs by order
  queued = KEYS[7],      -- ZSET of all queued jobs by order
  deadlines = KEYS[8],   -- ZSET of the queued jobs that have a deadline by it
  leases = KEYS[9],      -- ZSET of the running jobs by the lease's expiry
  dead = KEYS[10],       -- ZSET of the dead letters by the time they are forgotten
  ended = KEYS[11],      -- ZSET of "<job>:<tenant>" of the terminal jobs by that time
  counters = KEYS[12],   -- HASH order, queued_cost
  models = KEYS[13],     -- ZSET of the models by last announcement
  records = KEYS[14],    -- HASH model → record
  workers = KEYS[15],    -- prefix: ZSET of the model's workers by last announcement
  answers = KEYS[16],    -- prefix: LIST of what an acquire with a token has leased
  channel = KEYS[17],    -- prefix: a job's channel
  work = KEYS[18],       -- channel of queued work
  documents = KEYS[19],  -- ZSET of the documents by the last time they were put
  document = KEYS[20],   -- prefix: STRING a document, by its digest
}

local HISTORY = 256      -- EventBus::kHistory
local MAX_CRASHES = 2    -- LeaseStore::kMaxCrashes

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

-- Lua would print large numbers with 14 digits.
local function int(number) return string.format('%.0f', number) end

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

-- {id, fields and values of the job hash, position or -1, jobs queued, their cost}
local function snapshot(id)
  local fields = redis.call('HGETALL', K.job .. id)
  local position = redis.call('ZRANK', K.queued, id) or -1
  return {id, fields, position, redis.call('ZCARD', K.queued),
          redis.call('HGET', K.counters, 'queued_cost') or '0'}
end

local function enqueue(id, requeued)
  local job = redis.call('HMGET', K.job .. id, 'model', 'order', 'cost', 'deadline')
  redis.call('HSET', K.job .. id, 'state', 'QUEUED')
  redis.call('ZADD', K.queue .. job[1], job[2], id)
  redis.call('ZADD', K.queued, job[2], id)
  if job[4] then redis.call('ZADD', K.deadlines, job[4], id) end
  redis.call('HINCRBY', K.counters, 'queued_cost', job[3])
  append(id, 'queued', 'position', redis.call('ZRANK', K.queued, id), 'requeued', requeued)
  redis.call('PUBLISH', K.work, job[1])
end

local function dequeue(id)
  local job = redis.call('HMGET', K.job .. id, 'model', 'cost')
  redis.call('ZREM', K.queued, id)
  redis.call('ZREM', K.queue .. job[1], id)
  redis.call('ZREM', K.deadlines, id)
  if redis.call('ZCARD', K.queued) == 0 then
    redis.call('HSET', K.counters, 'queued_cost', 0)
  elseif job[2] ~= '0' then
    redis.call('HINCRBY', K.counters, 'queued_cost', '-' .. job[2])
  end
end

-- Makes the job terminal, and its record go after `retention`. The caller has taken it from the
-- queue or ended its lease.
local function finish(id, state, retention)
  local job = redis.call('HMGET', K.job .. id, 'tenant', 'request')
  local forgotten = now + retention
  redis.call('HSET', K.job .. id, 'state', state, 'finished', int(now),
             'forgotten', int(forgotten))
  append(id, 'finished', 'state', state)
  redis.call('ZADD', K.ended, int(forgotten), id .. ':' .. job[1])
  local expiry = int(math.ceil(forgotten / 1000))
  for _, key in ipairs({K.job .. id, K.events .. id, K.previews .. id}) do
    redis.call('PEXPIREAT', key, expiry)
  end
  if job[2] then redis.call('PEXPIREAT', K.request .. job[2], expiry) end
end

-- Ends a queued or handed-back job whose deadline has passed.
local function expire(id, retention)
  redis.call('HSET', K.job .. id, 'reason', 'DEADLINE_EXCEEDED',
             'message', 'the deadline passed before the job was done')
  finish(id, 'EXPIRED', retention)
end

-- Ends the job's lease in the way `kind` ("lapsed", "drained", "crashed") without a verdict of the
-- worker on the job, and does what retry_policy.h says. Returns what that was.
local function hand_back(id, kind, reason, message, retention)
  local job = K.job .. id
  redis.call('ZREM', K.leases, id)
  redis.call('HSET', job, 'lease_end', kind)
  if kind ~= 'drained' then redis.call('HINCRBY', job, 'crashes', 1) end
  local fields = redis.call('HMGET', job, 'crashes', 'cancel', 'deadline')
  if fields[2] == '1' then
    finish(id, 'CANCELLED', retention)
    return 'cancelled'
  end
  if fields[3] and tonumber(fields[3]) <= now then
    expire(id, retention)
    return 'expired'
  end
  if tonumber(fields[1]) >= MAX_CRASHES then
    redis.call('HSET', job, 'reason', reason, 'message', message)
    redis.call('ZADD', K.dead, int(now + retention), id)
    finish(id, 'FAILED', retention)
    return 'dead'
  end
  enqueue(id, 1)
  return 'requeued'
end
