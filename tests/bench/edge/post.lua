-- wrk: the same body under many keys, each request made beforehand.
-- arguments: file of the body, file of the keys, project

local requests, next = {}, 0

function init(args)
   local f = assert(io.open(args[1], "rb"))
   local body = f:read("*a")
   f:close()

   for key in io.lines(args[2]) do
      requests[#requests + 1] = wrk.format("POST",
         "/api/" .. args[3] .. "/envelope/",
         { ["Host"] = "bench", ["User-Agent"] = "sentry.python/2.1.0",
           ["Content-Type"] = "application/x-sentry-envelope",
           ["X-Sentry-Auth"] = "Sentry sentry_version=7, sentry_client=sentry.python/2.1.0, sentry_key=" .. key },
         body)
   end
end

function request()
   next = next % #requests + 1
   return requests[next]
end

function done(summary, latency)
   io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
      latency:percentile(50), latency:percentile(99), summary.errors.status + summary.errors.read
      + summary.errors.write + summary.errors.timeout + summary.errors.connect))
end
