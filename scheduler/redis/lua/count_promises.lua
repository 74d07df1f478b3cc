-- Counts how far promises about the waits of a tier's jobs were off.
--
-- ARGV: tier, window, then the name of a bucket and what to add to it, each
-- RETURNS: 'ok'
-- BOUND: 30 buckets of a tier (TierErrors)

local tier, window = ARGV[1], tonumber(ARGV[2])
local number = quotient(now, window)
local key = K.promises .. int(number)
for i = 3, #ARGV, 2 do redis.call('HINCRBY', key, tier .. ':' .. ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', key, int((number + 2) * window / 1000))
return 'ok'
