-- Trails as they are now. KEYS: the pointer to the live generation, trails by name, names by move, the count of moves.
-- ARGV: the generation meant ("" when it need not be live), how many are kept, then pairs of name and value; an empty value ends a
-- trail, and the end is a move like any other. Answers nothing when another generation is live.
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local moves = {}
for i = 3, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  local changed = true
  if value == '' then
    changed = redis.call('HDEL', KEYS[2], name) == 1
  else
    redis.call('HSET', KEYS[2], name, value)
  end
  if changed then
    moves[#moves + 1] = redis.call('INCR', KEYS[4])
    moves[#moves + 1] = name
  end
end
if #moves > 0 then redis.call('ZADD', KEYS[3], unpack(moves)) end
local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[2])
if over > 0 then
  redis.call('HDEL', KEYS[2], unpack(redis.call('ZRANGE', KEYS[3], 0, over - 1)))
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, over - 1)
end
return #moves
