-- Expires queued jobs past their deadline, hands back jobs whose lease has lapsed, and drops the
-- index entries of forgotten jobs. Whatever is looked at leaves its index, so that no entry can
-- hide those behind it.
--
-- ARGV: limit, retention
-- RETURNS: {requeued, dead letters, expired, 1 when a limit was reached}
-- FLAGS: allow-oom
-- BOUND: limit (at most 100) of each of the three

local limit, retention = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = {requeued = 0, dead = 0, expired = 0, cancelled = 0}
local more = 0

local function due(key)
  local members = redis.call('ZRANGEBYSCORE', key, '-inf', int(now), 'LIMIT', 0, limit)
  if #members == limit then more = 1 end
  return members
end

for _, id in ipairs(due(K.deadlines)) do
  redis.call('ZREM', K.deadlines, id)
  local job = read_job(id)
  if job and job.state == 'QUEUED' then
    dequeue(job)
    expire(job, retention)
    save(job)
    count.expired = count.expired + 1
  end
end

for _, id in ipairs(due(K.leases)) do
  redis.call('ZREM', K.leases, id)
  local job = read_job(id)
  if job and job.state == 'RUNNING' then
    local after = hand_back(job, 'lapsed', 0, 'WORKER_LOST',
                            'every worker that took the job was lost', retention)
    save(job)
    count[after] = count[after] + 1
  end
end

for _, member in ipairs(due(K.ended)) do
  local id, tenant = string.match(member, '^([^:]*):(.*)$')
  redis.call('ZREM', K.ended, member)
  redis.call('ZREM', K.tenant .. tenant, id)
  redis.call('ZREM', K.dead, id)
end

return {count.requeued, count.dead, count.expired, more}
