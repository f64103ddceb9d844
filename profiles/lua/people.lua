-- Who is who: for each id asked, its redirect, the links of the user it leads to or is, and the redirects of those.
-- ARGV: the prefixes of links and redirects, then candidate ids. Answers [user, [anonymous, link, ...], ...], [anonymous, redirect, ...].
local links_of, redirect_of = ARGV[1], ARGV[2]
local links, redirects = {}, {}
local known, asked = {}, {}

local function redirect(anonymous)
  if known[anonymous] == nil then
    known[anonymous] = redis.call('GET', redirect_of .. anonymous)
    if known[anonymous] then
      redirects[#redirects + 1] = anonymous
      redirects[#redirects + 1] = known[anonymous]
    end
  end
  return known[anonymous]
end

local function follow(user)
  if asked[user] then return end
  asked[user] = true
  local pairs_of = redis.call('HGETALL', links_of .. user)
  if #pairs_of == 0 then return end
  links[#links + 1] = user
  links[#links + 1] = pairs_of
  for j = 1, #pairs_of, 2 do redirect(pairs_of[j]) end
end

for i = 3, #ARGV do
  if string.sub(ARGV[i], 1, 2) == 'u:' then
    follow(ARGV[i])
  else
    local target = redirect(ARGV[i])
    if target then follow(string.match(target, '^[^|]*|[^|]*|(.*)$')) end
  end
end
return { links, redirects }
