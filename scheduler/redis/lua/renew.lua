-- Extends leases.
--
-- ARGV: lease, then id, fence of each
-- RETURNS: one of 'held', 'cancel', 'lost' for each
-- FLAGS: allow-oom
-- BOUND: 100 leases

local lease = tonumber(ARGV[1])
local statuses = {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local status = 'lost'
  if holds(id, ARGV[i + 1]) then
    redis.call('ZADD', K.leases, int(now + lease), id)
    status = redis.call('HGET', K.job .. id, 'cancel') == '1' and 'cancel' or 'held'
  end
  statuses[#statuses + 1] = status
end
return statuses
