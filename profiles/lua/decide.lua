-- Keeps decisions, each only over one that saw less, and moves the segments with it.
-- KEYS: pointer, generations, due, outbox, then decision and memberships of each candidate, then every segment's members.
-- ARGV: generation, live|building, candidates, segments, seconds to live, segment names, then for each candidate: id,
--       version vector, decided at, decision, memberships before, memberships after, due or '', vector it may replace or '',
--       count and (segment index, entered at or '') of each change, count and (id, value) of the news.
local WRITTEN, OUTDATED, CONFLICT, MOVED = 1, 2, 3, 4

local count, segments, seconds = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local generation, moved = ARGV[1], false
if ARGV[2] == 'live' then
  moved = redis.call('GET', KEYS[1]) ~= generation
else
  moved = redis.call('SISMEMBER', KEYS[2], generation) == 0
end
local answers = {}
if moved then
  for i = 1, count do answers[i] = MOVED end
  return answers
end

local function compare(stored, offered)
  local behind, ahead = false, false
  for name, offset in pairs(stored) do
    local other = offered[name]
    if other == nil or other < offset then behind = true elseif other > offset then ahead = true end
  end
  for name in pairs(offered) do
    if stored[name] == nil then ahead = true end
  end
  return behind, ahead
end

local members = 4 + 2 * count
local arg = 5
for i = 1, count do
  local candidate, vector, at, decision = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4]
  local before, after, due, over = ARGV[arg + 5], ARGV[arg + 6], ARGV[arg + 7], ARGV[arg + 8]
  local changes = tonumber(ARGV[arg + 9])
  local first_change = arg + 9
  local news = tonumber(ARGV[first_change + 2 * changes + 1])
  local first_news = first_change + 2 * changes + 1
  arg = first_news + 2 * news

  local kept, seg = KEYS[4 + 2 * i - 1], KEYS[4 + 2 * i]
  local answer = WRITTEN
  local stored_at, seen = string.match(redis.call('GET', kept) or '', '^(%d+) ([^\n]*)\n')
  if seen and seen ~= over then
    if seen == vector then
      if tonumber(stored_at) > tonumber(at) then answer = OUTDATED end
    else
      local behind, ahead = compare(cjson.decode(seen), cjson.decode(vector))
      if behind then answer = ahead and CONFLICT or OUTDATED end
    end
  end
  if answer == WRITTEN and before ~= after and (redis.call('GET', seg) or '{}') ~= before then
    answer = CONFLICT
  end

  if answer == WRITTEN then
    redis.call('SET', kept, at .. ' ' .. vector .. '\n' .. decision, 'EX', seconds)
    if before ~= after then
      if after == '{}' then redis.call('DEL', seg) else redis.call('SET', seg, after) end
    end
    for j = 1, changes do
      local segment, entered = KEYS[members + tonumber(ARGV[first_change + 2 * j - 1])], ARGV[first_change + 2 * j]
      if entered == '' then redis.call('ZREM', segment, candidate) else redis.call('ZADD', segment, entered, candidate) end
    end
    for j = 1, news do
      redis.call('HSET', KEYS[4], ARGV[first_news + 2 * j - 1], ARGV[first_news + 2 * j])
    end
    if due ~= '' then redis.call('ZADD', KEYS[3], due, candidate) else redis.call('ZREM', KEYS[3], candidate) end
    answers[i] = WRITTEN
  elseif answer == CONFLICT then
    answers[i] = seen or ''
  else
    answers[i] = answer
  end
end
return answers
