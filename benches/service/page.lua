-- The page behind one link: -- PATH
function init(args)
   wrk.path = args[1]
end
