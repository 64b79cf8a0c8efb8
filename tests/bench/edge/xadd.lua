-- What people script today: check the key in a shared dictionary, XADD over a
-- pooled cosocket, answer when Redis has.

local keys = ngx.shared.keys
local auth = ngx.req.get_headers()["x-sentry-auth"] or ""
local m = ngx.re.match(auth, [[sentry_key=([0-9a-f]{32})]], "jo")
if not m then
   return ngx.exit(401)
end

local sock = ngx.socket.tcp()
if not sock:connect(ngx.var.bench_redis) then
   return ngx.exit(503)
end

local key = m[1]
local project = keys:get(key)
if not project then
   sock:send("*3\r\n$4\r\nHGET\r\n$44\r\nvedette:key:" .. key .. "\r\n$7\r\nproject\r\n")
   local length = sock:receive()
   if length == "$-1" then
      sock:setkeepalive(0, 64)
      return ngx.exit(403)
   end
   project = sock:receive()
   keys:set(key, project, 300)
end

ngx.req.read_body()
local body = ngx.req.get_body_data()
local id = string.match(body, '"event_id":"(%x+)"') or ""

sock:send({ "*9\r\n$4\r\nXADD\r\n$14\r\nvedette:events\r\n$1\r\n*\r\n$1\r\np\r\n$", #project, "\r\n", project,
            "\r\n$1\r\ni\r\n$", #id, "\r\n", id, "\r\n$1\r\nd\r\n$", #body, "\r\n", body, "\r\n" })
local reply = sock:receive()
if not reply or reply:byte() ~= 36 then
   return ngx.exit(503)
end
sock:receive()
sock:setkeepalive(0, 64)

ngx.header["Content-Type"] = "application/json"
ngx.header["Content-Length"] = 7 + #id + 2
ngx.print('{"id":"', id, '"}')
