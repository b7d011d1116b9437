-- Invitations, each of another address: -- CLIENT SECRET-FILE DELIVER
local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   local file = assert(io.open(args[2]))
   local secret = file:read("*l")
   file:close()
   count = 0
   wrk.method = "POST"
   wrk.path = "/api/invite"
   wrk.headers["Content-Type"] = "application/json"
   before = string.format('{"client_id":"%s","client_secret":"%s","deliver":"%s","email_address":"p%dx%d.', args[1], secret, args[3], number, os.time())
end

function request()
   count = count + 1
   return wrk.format(nil, nil, nil, before .. count .. '@example.org"}')
end
