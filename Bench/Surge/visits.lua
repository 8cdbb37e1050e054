-- Visits of public pages, as people on the last day make them. Options after `--`: milliseconds between two requests of a
-- connection (0: as fast as possible), then paths; a path given more often is asked for more often.
local wait, paths, at = 0, {}, 0

function init(args)
    wait = tonumber(args[1])
    for index = 2, #args do paths[index - 1] = wrk.format("GET", args[index]) end
    math.randomseed(os.time())
    at = math.random(#paths)
    if wait == 0 then delay = nil end
end

function request()
    at = at % #paths + 1
    return paths[at]
end

function delay() return math.random(math.floor(wait / 2), math.floor(wait * 1.5)) end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        "figures %d %d %d %.3f %.3f %.3f\n", summary.requests, summary.duration,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
