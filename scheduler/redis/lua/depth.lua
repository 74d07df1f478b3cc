-- How much there is to do.
--
-- ARGV: none
-- RETURNS: {queued, running, dead letters, cost of the queued}
-- FLAGS: no-writes
-- BOUND: the tiers that have work

local cost = 0
for _, of_tier in ipairs(redis.call('HVALS', K.costs)) do cost = cost + tonumber(of_tier) end
return {redis.call('ZCARD', K.queued), redis.call('ZCARD', K.leases),
        redis.call('ZCOUNT', K.dead, '(' .. int(now), '+inf'), int(cost)}
