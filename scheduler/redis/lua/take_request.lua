-- Counts a request of a tenant, unless its bucket is empty: the generic cell rate algorithm (ITU-T
-- I.371, virtual scheduling). The key is the time at which the bucket is full again.
--
-- ARGV: tenant, interval of requests in the long run, burst
-- RETURNS: 0, or how long to wait
-- BOUND: constant

local key = K.requests .. ARGV[1]
local interval, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', key) or '0'), now) + interval
local wait = full - interval * burst - now
if wait > 0 then return int(wait) end
redis.call('SET', key, int(full), 'PX', int(math.ceil((full - now) / 1000)))
return '0'
