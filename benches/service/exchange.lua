-- Exchanges the codes of FILE.0, FILE.1, … once each: -- CLIENT SECRET-FILE FILE REDIRECT
local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   local file = assert(io.open(args[2]))
   local secret = file:read("*l")
   file:close()
   codes = assert(io.lines(args[3] .. "." .. number))
   wrk.method = "POST"
   wrk.path = "/oauth/token"
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
   before = string.format("grant_type=authorization_code&client_id=%s&client_secret=%s&redirect_uri=%s&code=", args[1], secret, args[4])
end

-- A code that is missing is refused, and wrk counts that.
function request()
   return wrk.format(nil, nil, nil, before .. (codes() or "none"))
end
