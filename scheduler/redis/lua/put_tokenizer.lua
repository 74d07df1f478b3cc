-- Keeps a tokenizer for `memory` from now.
--
-- ARGV: digest, bytes, memory, most tokenizers
-- RETURNS: 'ok', or 'too many tokenizers' when there would be more tokenizers than the pool may have
-- BOUND: most tokenizers (at most 100)

local digest, bytes, memory, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = K.tokenizer .. digest
local oldest = int(now - memory)

-- What is there is not written again: that would go through the log and to every replica.
if redis.call('EXISTS', key) == 0 then
  local kept = redis.call('ZCOUNT', K.tokenizers, '(' .. oldest, '+inf')
  if kept >= most then return 'too many tokenizers' end
  redis.call('SET', key, bytes)
end
redis.call('PEXPIRE', key, int(memory / 1000))
redis.call('ZADD', K.tokenizers, int(now), digest)
redis.call('ZREMRANGEBYSCORE', K.tokenizers, '-inf', oldest)
return 'ok'
