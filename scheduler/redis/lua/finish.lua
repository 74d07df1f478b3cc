-- Ends a leased job with a worker's verdict; one that crashed is handed back instead. It is charged
-- the device time that was measured, whatever the verdict.
--
-- ARGV: id, fence, kind ('succeeded', 'failed', 'crashed', 'cancelled', 'expired'), result, reason,
--       message, device time, retention
-- RETURNS: 'ok', also when this lease has ended in this way before; 'lost'
-- FLAGS: allow-oom
-- BOUND: constant

local id, fence, kind, result, reason, message, device_time = unpack(ARGV)
local measured, retention = tonumber(device_time), tonumber(ARGV[8])
local job = read_job(id)
if not job or job.fence ~= tonumber(fence) then return 'lost' end
if job.lease_end == kind then return 'ok' end
if job.state ~= 'RUNNING' then return 'lost' end

if kind == 'crashed' then
  hand_back(job, kind, measured, reason, message, retention)
  save(job)
  return 'ok'
end
end_lease(job, kind, measured)
set(job, 'device_time', device_time)
if kind == 'succeeded' then
  if redis.call('HLEN', K.tiers) > 0 then count_throughput(job.cost) end
  set(job, 'result', result)
  finish(job, 'SUCCEEDED', retention)
elseif kind == 'failed' then
  set(job, 'reason', reason)
  set(job, 'message', message)
  finish(job, 'FAILED', retention)
elseif kind == 'cancelled' then
  finish(job, 'CANCELLED', retention)
else
  expire(job, retention)
end
save(job)
return 'ok'
