-- What was said about consent, under the id that said it and under the user to whom a browser leads. Done twice or late, it ends the same.
-- ARGV: the prefix of the redirects, that of the answers, seconds to live, how many lines of others an id keeps, the channel of
--       announcements, then pairs of candidate id and its lines (profiles/answers.py).
-- Answers, and announces, the ids whose decisions it concerns.
local redirects, prefix, seconds, bound = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local function time_of(line)
  return tonumber(string.match(line, '^%d+'))
end

-- As `latest` of profiles/answers.py: a yes stands beside a no alone, for it has nothing else to give back.
local function latest(lines, reader)
  local found, kept, others = {}, {}, {}
  for line in string.gmatch(lines, '[^\n]+') do
    local what = string.match(line, '^%d+ (.*)$')
    if not found[what] or time_of(found[what]) < time_of(line) then found[what] = line end
  end
  for what, line in pairs(found) do
    local name, id = string.match(what, '^%d ([^ ]+) (.*)$')
    if found['0 ' .. name .. ' ' .. id] then table.insert(id == reader and kept or others, line) end
  end
  table.sort(others, function(one, other) return time_of(one) > time_of(other) end)
  for i = 1, math.min(#others, bound) do kept[#kept + 1] = others[i] end
  return table.concat(kept, '\n')
end

local concerned = {}
for i = 6, #ARGV, 2 do
  local readers = {ARGV[i]}
  local led = redis.call('GET', redirects .. ARGV[i])
  if led then readers[2] = string.match(led, '^[^|]*|[^|]*|(.*)$') end
  for _, reader in ipairs(readers) do
    local key = prefix .. reader
    local lines = latest((redis.call('GET', key) or '') .. '\n' .. ARGV[i + 1], reader)
    if lines ~= '' then redis.call('SET', key, lines, 'EX', seconds) end
    concerned[#concerned + 1] = reader
  end
end
if #concerned > 0 then redis.call('PUBLISH', ARGV[5], cjson.encode({answered = concerned})) end
return concerned
