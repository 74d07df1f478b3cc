-- Expires queued jobs past their deadline, hands back jobs whose lease has lapsed, and drops the
-- index entries of forgotten jobs. Whatever is looked at leaves its index, so that no entry can
-- hide those behind it. Queued jobs that are in no flow, because an older version has queued them,
-- are given their place.
--
-- ARGV: limit, retention
-- RETURNS: {requeued, dead letters, expired, 1 when a limit was reached, given a place}
-- FLAGS: allow-oom
-- BOUND: limit (at most 100) of each of the four

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

-- Gives the job its place if it has none. Before there were tiers, a model's jobs were one zset.
local function adopt(id)
  local job = read_job(id)
  if not job or job.state ~= 'QUEUED' then
    redis.call('ZREM', K.queued, id)
    redis.call('ZREM', K.deadlines, id)
    return 0
  end
  if redis.call('ZSCORE', job.flow, id) then return 0 end
  redis.call('ZREM', K.queue .. job.model, id)
  job.weight = weight_of(job.tier)
  attach(job)
  redis.call('PUBLISH', K.work, job.model)
  return 1
end

-- Goes through the queue page by page, a page a call, for as long as more jobs wait than the tiers
-- have.
local function adopt_page()
  local placed = 0
  for _, jobs in ipairs(redis.call('HVALS', K.tiers)) do placed = placed + tonumber(jobs) end
  if redis.call('ZCARD', K.queued) <= placed then return 0 end
  local after = redis.call('HGET', K.counters, 'swept') or '0'
  local page = redis.call('ZRANGEBYSCORE', K.queued, '(' .. after, '+inf', 'WITHSCORES',
                          'LIMIT', 0, limit)
  local adopted = 0
  for i = 1, #page, 2 do adopted = adopted + adopt(page[i]) end
  local is_last = #page < 2 * limit
  redis.call('HSET', K.counters, 'swept', is_last and '0' or page[#page])
  if adopted > 0 and not is_last then more = 1 end
  return adopted
end

local adopted = adopt_page()
return {count.requeued, count.dead, count.expired, more, adopted}
