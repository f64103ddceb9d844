-- Everything about some people that is no section: decision, segments, links and where they lead. Done twice, it changes nothing.
-- ARGV: the generation's prefix, then candidate ids. Answers how many keys went.
local prefix, gone = ARGV[1], 0

local function drop(key)
  gone = gone + redis.call('DEL', key)
end

for i = 2, #ARGV do
  local candidate = ARGV[i]
  local seg = redis.call('GET', prefix .. 'seg:' .. candidate)
  if seg then
    for name in pairs(cjson.decode(seg)) do redis.call('ZREM', prefix .. 'members:' .. name, candidate) end
  end
  drop(prefix .. 'seg:' .. candidate)
  drop(prefix .. 'd:' .. candidate)
  redis.call('ZREM', prefix .. 'due', candidate)
  if string.sub(candidate, 1, 2) == 'u:' then
    for _, anonymous in ipairs(redis.call('HKEYS', prefix .. 'links:' .. candidate)) do
      local led = redis.call('GET', prefix .. 'redirect:' .. anonymous)
      if led and string.match(led, '^[^|]*|[^|]*|(.*)$') == candidate then drop(prefix .. 'redirect:' .. anonymous) end
    end
    drop(prefix .. 'links:' .. candidate)
  else
    local led = redis.call('GET', prefix .. 'redirect:' .. candidate)
    if led then
      redis.call('HDEL', prefix .. 'links:' .. string.match(led, '^[^|]*|[^|]*|(.*)$'), candidate)
      drop(prefix .. 'redirect:' .. candidate)
    end
  end
end
return gone
