-- Ends a leased job with a worker's verdict; one that crashed is handed back instead. It is charged
-- the device time that was measured, whatever the verdict.
--
-- ARGV: id, fence, kind ('succeeded', 'failed', 'crashed', 'cancelled', 'expired'), result, reason,
--       message, device time, retention
-- RETURNS: 'ok', also when this lease has ended in this way before; 'lost'
-- BOUND: constant

local id, fence, kind, result, reason, message, device_time = unpack(ARGV)
local measured, retention = tonumber(device_time), tonumber(ARGV[8])
local key = K.job .. id
local job = redis.call('HMGET', key, 'fence', 'lease_end')
if job[1] == fence and job[2] == kind then return 'ok' end
if not holds(id, fence) then return 'lost' end

if kind == 'crashed' then
  hand_back(id, kind, measured, reason, message, retention)
  return 'ok'
end
end_lease(id, kind, measured)
redis.call('HSET', key, 'device_time', device_time)
if kind == 'succeeded' then
  count_throughput(tonumber(redis.call('HGET', key, 'cost')))
  redis.call('HSET', key, 'result', result)
  finish(id, 'SUCCEEDED', retention)
elseif kind == 'failed' then
  redis.call('HSET', key, 'reason', reason, 'message', message)
  finish(id, 'FAILED', retention)
elseif kind == 'cancelled' then
  finish(id, 'CANCELLED', retention)
else
  expire(id, retention)
end
return 'ok'
