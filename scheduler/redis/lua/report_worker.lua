-- Says how a worker is, and returns what is wanted of it.
--
-- ARGV: worker, record, '1' for the first report of a process, worker timeout, memory, most workers
-- RETURNS: 'serve', 'pause' or 'drain'; 'full' when there would be more workers than the pool may
--          have
-- FLAGS: allow-oom
-- BOUND: 11 workers that are dropped

local worker, record, first = ARGV[1], ARGV[2], ARGV[3]
local timeout, memory, most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local function drop(id)
  redis.call('ZREM', K.fleet, id)
  redis.call('HDEL', K.worker_records, id)
  redis.call('HDEL', K.wishes, id)
end

if not redis.call('ZSCORE', K.fleet, worker) and redis.call('ZCARD', K.fleet) >= most then
  local oldest = redis.call('ZRANGE', K.fleet, 0, 0, 'WITHSCORES')
  if tonumber(oldest[2]) + timeout > now then return 'full' end
  drop(oldest[1])
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.fleet, '-inf', int(now - memory),
                               'LIMIT', 0, 10)) do
  drop(id)
end
if first == '1' and redis.call('HGET', K.wishes, worker) == 'drain' then
  redis.call('HDEL', K.wishes, worker)
end
redis.call('ZADD', K.fleet, int(now), worker)
redis.call('HSET', K.worker_records, worker, record)
return redis.call('HGET', K.wishes, worker) or 'serve'
