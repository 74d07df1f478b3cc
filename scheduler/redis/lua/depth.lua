-- How much there is to do.
--
-- ARGV: none
-- RETURNS: {queued, running, dead letters, cost of the queued}
-- BOUND: constant

return {redis.call('ZCARD', K.queued), redis.call('ZCARD', K.leases),
        redis.call('ZCOUNT', K.dead, '(' .. int(now), '+inf'),
        redis.call('HGET', K.counters, 'queued_cost') or '0'}
