-- One batch, whole or not at all: sections, links, trends and the checkpoints that fence them.
-- KEYS: pointer, generations, undecided, then checkpoints, sections, trend hours, pairs of links and redirect, and sections that are
--       deleted, as counted in ARGV; at last counts by posting, postings by move, the count of moves.
-- ARGV: generation, live|building, channel, announcement, the four counts, the hours' seconds to live, the bound of a user's links, the count of deletions,
--       how many postings have counts here and may have any,
--       then expected and following of each checkpoint; value, member and offset of each section; count and (job, weight)s of
--       each hour; (anonymous, link value, redirect value) of each link; the member of each deleted section;
--       posting and what is added to it (profiles/counts.py) of those that are counted.
local APPLIED, DONE, FENCED, MOVED = 1, 2, 3, 4
local SLICE = 2000 -- arguments of one call: Lua's stack holds 8000

local generation = ARGV[1]
if ARGV[2] == 'live' then
  if redis.call('GET', KEYS[1]) ~= generation then return MOVED end
elseif redis.call('SISMEMBER', KEYS[2], generation) == 0 then
  return MOVED
end

local partitions, sections = tonumber(ARGV[5]), tonumber(ARGV[6])
local hours, links = tonumber(ARGV[7]), tonumber(ARGV[8])
local seconds, bound = ARGV[9], tonumber(ARGV[10])
local deletions, counted, countable = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local key, arg = 3, 13

local refused, done = false, true
local writes = {}
for i = 1, partitions do
  local stored = redis.call('GET', KEYS[key + i]) or ''
  local expected, following = ARGV[arg + 2 * i - 1], ARGV[arg + 2 * i]
  if stored ~= expected then refused = true end
  if stored ~= following then done = false end
  writes[#writes + 1] = KEYS[key + i]
  writes[#writes + 1] = following
end
if done then return DONE end
if refused then return FENCED end
key, arg = key + partitions, arg + 2 * partitions

local marks = {}
for i = 1, sections do
  writes[#writes + 1] = KEYS[key + i]
  writes[#writes + 1] = ARGV[arg + 3 * i - 2]
  marks[#marks + 1] = ARGV[arg + 3 * i]
  marks[#marks + 1] = ARGV[arg + 3 * i - 1]
end
key, arg = key + sections, arg + 3 * sections
for first = 1, #writes, SLICE do
  redis.call('MSET', unpack(writes, first, math.min(first + SLICE - 1, #writes)))
end
for first = 1, #marks, SLICE do
  redis.call('ZADD', KEYS[3], unpack(marks, first, math.min(first + SLICE - 1, #marks)))
end

for i = 1, hours do
  local hour = KEYS[key + i]
  local jobs = tonumber(ARGV[arg + 1])
  for j = 1, jobs do
    redis.call('ZINCRBY', hour, ARGV[arg + 2 * j + 1], ARGV[arg + 2 * j])
  end
  redis.call('EXPIRE', hour, seconds)
  arg = arg + 1 + 2 * jobs
end
key = key + hours

-- Links and redirects are maxima by string order: written twice, late or by anybody, they end the same.
for i = 1, links do
  local known, redirect = KEYS[key + 2 * i - 1], KEYS[key + 2 * i]
  local anonymous, link, target = ARGV[arg + 3 * i - 2], ARGV[arg + 3 * i - 1], ARGV[arg + 3 * i]
  local before = redis.call('HGET', known, anonymous)
  if not before or before < link then
    redis.call('HSET', known, anonymous, link)
    if redis.call('HLEN', known) > bound then
      local pairs_of = redis.call('HGETALL', known)
      local oldest = 1
      for j = 3, #pairs_of, 2 do
        local older = pairs_of[j + 1] < pairs_of[oldest + 1]
        local tied = pairs_of[j + 1] == pairs_of[oldest + 1] and pairs_of[j] < pairs_of[oldest]
        if older or tied then oldest = j end
      end
      redis.call('HDEL', known, pairs_of[oldest])
    end
  end
  local led = redis.call('GET', redirect)
  if not led or led < target then redis.call('SET', redirect, target) end
end

key, arg = key + 2 * links, arg + 3 * links
for i = 1, deletions do
  redis.call('DEL', KEYS[key + i])
  redis.call('ZREM', KEYS[3], ARGV[arg + i])
end

key, arg = key + deletions, arg + deletions
local WINDOWS, ERA, SLOTS = 3, 512, 14
local ERAS, WEIGHTS, ADDED = '<i4i4i4', '<ddd', '<Bddd'
local EVERY = ERAS .. string.rep('d', SLOTS * WINDOWS)
local HEAD, SLOT = 12, 24 -- bytes of the eras and of a slot
local NOTHING = string.rep('\0', SLOTS * SLOT)

-- Answers a posting's counts measured in the newer of its eras and those of what is added, and how much that then weighs.
local function in_eras(kept, added)
  local row, eras, shares = {struct.unpack(EVERY, kept)}, {struct.unpack(ERAS, added)}, {}
  row[#row] = nil -- where it ended
  for window = 1, WINDOWS do
    local apart = eras[window] - row[window]
    shares[window] = apart < 0 and 2 ^ (ERA * apart) or 1
    if apart > 0 then
      row[window] = eras[window]
      for at = WINDOWS + window, #row, WINDOWS do row[at] = row[at] * 2 ^ (-ERA * apart) end
    end
  end
  return struct.pack(EVERY, unpack(row)), shares[1], shares[2], shares[3]
end

local function counts_with(kept, added)
  local hour, day, week = 1, 1, 1
  if not kept then
    kept = string.sub(added, 1, HEAD) .. NOTHING
  elseif string.sub(kept, 1, HEAD) ~= string.sub(added, 1, HEAD) then
    kept, hour, day, week = in_eras(kept, added)
  end
  local at = HEAD + 1
  while at <= #added do
    local slot, a, b, c, before
    slot, a, b, c, at = struct.unpack(ADDED, added, at)
    before = HEAD + SLOT * slot
    local x, y, z = struct.unpack(WEIGHTS, kept, before + 1)
    local sums = struct.pack(WEIGHTS, x + a * hour, y + b * day, z + c * week)
    kept = string.sub(kept, 1, before) .. sums .. string.sub(kept, before + SLOT + 1)
  end
  return kept
end

local moves, changed, following = {}, {}, {}
for first = 1, counted, SLICE do
  local jobs = {}
  for i = first, math.min(first + SLICE - 1, counted) do jobs[#jobs + 1] = ARGV[arg + 2 * i - 1] end
  for i, kept in ipairs(redis.call('HMGET', KEYS[key + 1], unpack(jobs))) do
    local job = jobs[i]
    -- Twice in one batch is in two eras: what was added first is there already.
    changed[job] = counts_with(changed[job] or kept, ARGV[arg + 2 * (first + i - 1)])
    following[#following + 1] = job
  end
end
local last = counted > 0 and redis.call('INCRBY', KEYS[key + 3], counted) or 0
local values = {}
for i, job in ipairs(following) do
  values[#values + 1] = job
  values[#values + 1] = changed[job]
  moves[#moves + 1] = last - counted + i
  moves[#moves + 1] = job
end
for first = 1, #values, SLICE do
  redis.call('HSET', KEYS[key + 1], unpack(values, first, math.min(first + SLICE - 1, #values)))
end
for first = 1, #moves, SLICE do
  redis.call('ZADD', KEYS[key + 2], unpack(moves, first, math.min(first + SLICE - 1, #moves)))
end
local over = redis.call('ZCARD', KEYS[key + 2]) - countable
if over > 0 then
  for _, job in ipairs(redis.call('ZRANGE', KEYS[key + 2], 0, over - 1)) do redis.call('HDEL', KEYS[key + 1], job) end
  redis.call('ZREMRANGEBYRANK', KEYS[key + 2], 0, over - 1)
end

redis.call('PUBLISH', ARGV[3], ARGV[4])
return APPLIED
