-- How jobs move between their states, in front of every script behind fair.lua.

-- {id, fields and values of the job hash, position or -1, device time ahead, done and time of the
-- throughput}
local function snapshot(id)
  local fields = redis.call('HGETALL', K.job .. id)
  local job = fair_job(id)
  if not job or not redis.call('ZSCORE', job.flow, id) then return {id, fields, -1, '0', '0', '0'} end
  local position, ahead = place(job)
  local counted = redis.call('HMGET', K.throughput, 'done', 'time')
  return {id, fields, position, int(ahead), counted[1] or '0', counted[2] or '0'}
end

local function enqueue(id, requeued)
  local job = fair_job(id)
  redis.call('HSET', K.job .. id, 'state', 'QUEUED')
  attach(job)
  redis.call('ZADD', K.queued, int(job.order), id)
  if job.deadline then redis.call('ZADD', K.deadlines, job.deadline, id) end
  append(id, 'queued', 'position', (place(job)), 'requeued', requeued)
  redis.call('PUBLISH', K.work, job.model)
end

local function dequeue(job)
  redis.call('ZREM', K.queued, job.id)
  redis.call('ZREM', K.deadlines, job.id)
  detach(job)
end

-- Device time that counts for the day on which the job was submitted, if its tenant's is limited.
local function count_usage(id, change)
  local job = redis.call('HMGET', K.job .. id, 'day', 'tenant')
  if not job[1] then return end
  local usage = K.usage .. job[1]
  if redis.call('EXISTS', usage) == 1 then redis.call('HINCRBY', usage, job[2], int(change)) end
end

-- Makes the job terminal, and its record go after `retention`. The caller has taken it from the
-- queue or ended its lease.
local function finish(id, state, retention)
  local job = redis.call('HMGET', K.job .. id, 'tenant', 'request', 'cost')
  local forgotten = now + retention
  redis.call('HSET', K.job .. id, 'state', state, 'finished', int(now),
             'forgotten', int(forgotten))
  count_usage(id, -tonumber(job[3]))
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

-- Ends the job's lease in the way `kind`; it took `measured` of device time, 0 when nobody knows.
local function end_lease(id, kind, measured)
  redis.call('ZREM', K.leases, id)
  redis.call('HSET', K.job .. id, 'lease_end', kind)
  settle(fair_job(id), measured)
  if measured > 0 then count_usage(id, measured) end
end

-- Ends the job's lease ("lapsed", "drained", "crashed") without a verdict of the worker on the job,
-- and does what retry_policy.h says. Returns what that was.
local function hand_back(id, kind, measured, reason, message, retention)
  local job = K.job .. id
  end_lease(id, kind, measured)
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
