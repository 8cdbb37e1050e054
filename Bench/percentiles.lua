-- For wrk: prints p95 in milliseconds; DELAY is how long a connection waits on average before it asks, in milliseconds.
local wait = tonumber(os.getenv("DELAY") or "0")
if wait > 0 then
    -- Not all at the same moments, as people do not come either.
    delay = function() return math.random(0, 2 * wait) end
end
done = function(summary, latency, requests)
    io.write(string.format("p95 %.2f\n", latency:percentile(95) / 1000))
end
