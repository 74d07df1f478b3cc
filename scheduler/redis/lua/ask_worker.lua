-- Says what is wanted of a worker.
--
-- ARGV: worker, wish, worker timeout
-- RETURNS: {id, record, wish, time of the last report}; nil when it is not there
-- FLAGS: allow-oom
-- BOUND: constant

local worker, wish = ARGV[1], ARGV[2]
local reported = redis.call('ZSCORE', K.fleet, worker)
if not reported or tonumber(reported) + tonumber(ARGV[3]) <= now then return false end
if wish == 'serve' then
  redis.call('HDEL', K.wishes, worker)
else
  redis.call('HSET', K.wishes, worker, wish)
end
return {worker, redis.call('HGET', K.worker_records, worker) or '', wish, int(tonumber(reported))}
