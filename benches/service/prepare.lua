-- Makes codes: invites without a mail, presses the button behind each link, and writes the codes into FILE.0, FILE.1, …: -- CLIENT SECRET-FILE FILE
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
   links = {}
   codes = assert(io.open(args[3] .. "." .. number, "w"))
   wrk.headers["Content-Type"] = "application/json"
   before = string.format('{"client_id":"%s","client_secret":"%s","deliver":"none","email_address":"c%dx%d.', args[1], secret, number, os.time())
end

function request()
   local link = table.remove(links)
   if link then
      return wrk.format("POST", link, { ["Content-Length"] = "0" }, "")
   end
   count = count + 1
   return wrk.format("POST", "/api/invitations", nil, before .. count .. '@example.org"}')
end

function response(status, headers, body)
   if status == 201 then
      links[#links + 1] = body:match('"invitation_url":"http://[^/]*([^"]*)"')
   elseif status == 303 then
      local code = (headers["location"] or headers["Location"]):match("[?&]code=([%w_-]+)")
      codes:write(code, "\n")
      codes:flush()
   end
end
