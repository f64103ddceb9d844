-- Everything about some people that is no section: decision, segments, and links up to the time of the erasure. Done twice, it changes nothing.
-- ARGV: the generation's prefix, then pairs of candidate id and time. Answers how many keys went.
local prefix, gone = ARGV[1], 0

local function drop(key)
  gone = gone + redis.call('DEL', key)
end

local function is_old(value, at)
  return tonumber(string.match(value, '^[^|]*')) <= at
end

local function user_of(led)
  return string.match(led, '^[^|]*|[^|]*|(.*)$')
end

for i = 2, #ARGV, 2 do
  local candidate, at = ARGV[i], tonumber(ARGV[i + 1])
  local seg = redis.call('GET', prefix .. 'seg:' .. candidate)
  if seg then
    for name in pairs(cjson.decode(seg)) do redis.call('ZREM', prefix .. 'members:' .. name, candidate) end
  end
  drop(prefix .. 'seg:' .. candidate)
  drop(prefix .. 'd:' .. candidate)
  redis.call('ZREM', prefix .. 'due', candidate)
  if string.sub(candidate, 1, 2) == 'u:' then
    local links = redis.call('HGETALL', prefix .. 'links:' .. candidate)
    for j = 1, #links, 2 do
      local redirect = prefix .. 'redirect:' .. links[j]
      local led = redis.call('GET', redirect)
      if led and user_of(led) == candidate and is_old(led, at) then drop(redirect) end
      if is_old(links[j + 1], at) then redis.call('HDEL', prefix .. 'links:' .. candidate, links[j]) end
    end
  else
    local redirect = prefix .. 'redirect:' .. candidate
    local led = redis.call('GET', redirect)
    if led and is_old(led, at) then
      redis.call('HDEL', prefix .. 'links:' .. user_of(led), candidate)
      drop(redirect)
    end
  end
end
return gone
