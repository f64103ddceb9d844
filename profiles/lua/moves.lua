-- The values that moved after a move, in order. Reads only.
-- KEYS: the pointer to the live generation, values by name, names by move, the count of moves.
-- ARGV: the generation asked for ("" when it need not be live), the move, how many. Answers the move that it began after (0 when there
-- were never so many: everything is told again), the last move told, then name and value of each; nothing when another generation is live.
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local since = tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[4]) or '0') < since then since = 0 end
local found = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
if #found == 0 then return {since, since} end
local names = {}
for i = 1, #found, 2 do names[#names + 1] = found[i] end
local values = redis.call('HMGET', KEYS[2], unpack(names))
local answer = {since, tonumber(found[#found])}
for i = 1, #names do
  answer[#answer + 1] = names[i]
  answer[#answer + 1] = values[i] or ''
end
return answer
