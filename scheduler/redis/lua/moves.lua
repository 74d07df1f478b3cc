-- How jobs move between their states, in front of every script behind fair.lua. Jobs are those of
-- read_job; who moves one saves it at the end.

-- {id, fields and values of the job hash, position or -1, device time ahead, done and time of the
-- throughput}
local function snapshot_of(id, fields, position, ahead)
  if not position then return {id, fields, -1, '0', '0', '0'} end
  local counted = redis.call('HMGET', K.throughput, 'done', 'time', 'last')
  local waited = math.min(now - tonumber(counted[3] or int(now)), THROUGHPUT_MEMORY)
  return {id, fields, position, int(ahead), counted[1] or '0',
          int(tonumber(counted[2] or '0') + math.max(waited, 0))}
end

local function snapshot(id)
  local fields = redis.call('HGETALL', K.job .. id)
  local job = read_job(id)
  local before = job and redis.call('ZRANK', job.flow, id)
  if not before then return snapshot_of(id, fields) end
  local first, order = head_of(job.flow)
  return snapshot_of(id, fields, place(job, head_name(first, order, job.tenant), before))
end

-- Returns the position and the device time ahead.
local function enqueue(job, requeued)
  set(job, 'state', 'QUEUED')
  local position, ahead = place(job, attach(job))
  redis.call('ZADD', K.queued, int(job.order), job.id)
  if job.deadline then redis.call('ZADD', K.deadlines, job.deadline, job.id) end
  append(job, 'queued', 'position', int(position), 'requeued', requeued)
  redis.call('PUBLISH', K.work, job.model)
  return position, ahead
end

local function dequeue(job)
  redis.call('ZREM', K.queued, job.id)
  redis.call('ZREM', K.deadlines, job.id)
  if detach(job) then show_head_of(job) end
end

-- Device time that counts for the day on which the job was submitted, if its tenant's is limited.
local function count_usage(job, change)
  if not job.day then return end
  local usage = K.usage .. job.day
  if redis.call('EXISTS', usage) == 1 then
    redis.call('HINCRBY', usage, job.tenant, int(change))
  end
end

-- Makes the job terminal, and its record go after `retention`. The caller has taken it from the
-- queue or ended its lease.
local function finish(job, state, retention)
  local forgotten = now + retention
  set(job, 'state', state)
  set(job, 'finished', int(now))
  set(job, 'forgotten', int(forgotten))
  count_usage(job, -job.cost)
  append(job, 'finished', 'state', state)
  redis.call('DEL', K.steps .. job.id)
  redis.call('ZADD', K.ended, int(forgotten), job.id .. ':' .. job.tenant)
  local expiry = int(math.ceil(forgotten / 1000))
  redis.call('PEXPIREAT', K.job .. job.id, expiry)
  redis.call('PEXPIREAT', K.events .. job.id, expiry)
  redis.call('PEXPIREAT', K.previews .. job.id, expiry)
  if job.request then redis.call('PEXPIREAT', K.request .. job.request, expiry) end
end

-- Ends a queued or handed-back job whose deadline has passed.
local function expire(job, retention)
  set(job, 'reason', 'DEADLINE_EXCEEDED')
  set(job, 'message', 'the deadline passed before the job was done')
  finish(job, 'EXPIRED', retention)
end

-- Ends the job's lease in the way `kind`; it took `measured` of device time, 0 when nobody knows.
local function end_lease(job, kind, measured)
  redis.call('ZREM', K.leases, job.id)
  set(job, 'lease_end', kind)
  settle(job, measured)
  if measured > 0 then count_usage(job, measured) end
end

-- Ends the job's lease ("lapsed", "drained", "crashed") without a verdict of the worker on the job,
-- and does what retry_policy.h says. Returns what that was.
local function hand_back(job, kind, measured, reason, message, retention)
  end_lease(job, kind, measured)
  if kind ~= 'drained' then
    job.crashes = job.crashes + 1
    set(job, 'crashes', int(job.crashes))
    -- The lease may have gone on from a step that it has not replaced.
    if redis.call('HGET', K.steps .. job.id, 'fence') ~= int(job.fence) then
      redis.call('DEL', K.steps .. job.id)
    end
  end
  if job.cancel == '1' then
    finish(job, 'CANCELLED', retention)
    return 'cancelled'
  end
  if job.deadline and tonumber(job.deadline) <= now then
    expire(job, retention)
    return 'expired'
  end
  if job.crashes >= MAX_CRASHES then
    set(job, 'reason', reason)
    set(job, 'message', message)
    redis.call('ZADD', K.dead, int(now + retention), job.id)
    finish(job, 'FAILED', retention)
    return 'dead'
  end
  enqueue(job, '1')
  return 'requeued'
end
