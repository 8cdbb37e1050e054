done = function(summary, latency, requests)
    io.write(string.format("p95 %.2f\n", latency:percentile(95) / 1000))
end
