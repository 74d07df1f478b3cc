-- Takes a job back from a worker that drains; the attempt is not counted.
--
-- ARGV: id, fence, retention
-- RETURNS: 'ok', also when this lease has ended in this way before; 'lost'
-- FLAGS: allow-oom
-- BOUND: constant

local id, fence, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = read_job(id)
if not job or job.fence ~= tonumber(fence) then return 'lost' end
if job.lease_end == 'drained' then return 'ok' end
if job.state ~= 'RUNNING' then return 'lost' end
set(job, 'attempts', job.attempts - 1)
hand_back(job, 'drained', 0, '', '', retention)
save(job)
return 'ok'
