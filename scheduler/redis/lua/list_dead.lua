-- A page of the dead letters, the newest first. Those whose job is gone are dropped on the way.
--
-- ARGV: time when the last letter of the page before is forgotten or '', its job, limit
-- RETURNS: {place of the last letter as dead_letters.h writes it, or '' on the last page;
--          snapshot...}
-- FLAGS: allow-oom
-- BOUND: limit (at most 100) letters, and 100 more that are looked past: one call of the reaper
--        buries no more in a microsecond

local highest, last, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local index = redis.call('ZREVRANGEBYSCORE', K.dead, highest == '' and '+inf' or highest,
                         '(' .. int(now), 'WITHSCORES', 'LIMIT', 0, limit + 101)
local page, shown, place = {''}, 0, ''
for i = 1, #index, 2 do
  local id, score = index[i], int(tonumber(index[i + 1]))
  if score ~= highest or id < last then
    if shown == limit then
      page[1] = place
      break
    end
    shown = shown + 1
    place = score .. '-' .. id
    if redis.call('EXISTS', K.job .. id) == 1 then
      page[#page + 1] = snapshot(id)
    else
      redis.call('ZREM', K.dead, id)
    end
  end
end
return page
