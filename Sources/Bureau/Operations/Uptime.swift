import Foundation
import Kernel
import Logging
import Portal
import ServiceLifecycle
import Store
import Synchronization

/// Says regularly that the house can take work, and finds out afterwards when it could not: a stopped process, a lost
/// machine and an unreachable database all leave the same gap. Deadlines near a gap are moved in the same transaction
/// that finds it, and a notice announces that. Nobody has to decide anything, as the rule leaves no choice.
struct Uptime: Service, CustomStringConvertible {
    let house: House
    let duties: [any Duty]
    let pulse: Pulse
    /// The machine's clock; that of the house is moved in the demonstration, which is no outage.
    var machine: any Kernel.Clock = SystemClock()
    var logger = Logger(label: "uptime")

    var description: String { "uptime" }

    /// Seconds between two signs of life.
    static let pause = 15
    /// Seconds without a sign of life that are an outage; starting anew takes less.
    static let longest = 60

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await beat()
            } catch is CancellationError {
                // The house is closing.
            } catch {
                pulse.failed("uptime")
                logger.error("uptime failed: \(error)")
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(Uptime.pause)) }
        }
    }

    /// Gives a sign of life, if the house can take work. Several processes may do so, and the same one twice.
    /// - Returns: the outage that ended with it.
    @discardableResult
    func beat() async throws -> Outage? {
        guard try await OperationPages.readiness(house).values.allSatisfy({ $0 == "ok" }) else { return nil }
        let now = machine.now()
        let lead = house.clock.now().microseconds - now.microseconds
        return try await house.db.write(locking: [LockKey("uptime")]) { tx in
            let last = try OutageStore.lastSeen(tx)
            // Seldom enough for a table that nobody else writes.
            if let last, last <= now, now < last.adding(seconds: Uptime.pause - 5) { return nil }
            try OutageStore.see(at: now, tx)
            guard let last, last.adding(seconds: Uptime.longest) < now else { return nil }
            let outage = Outage(
                id: house.ids.make(), from: Instant(microseconds: last.microseconds + lead),
                until: Instant(microseconds: now.microseconds + lead))
            return try handle(outage, tx)
        }
    }

    /// Moves what the outage touched, announces it and keeps it.
    private func handle(_ outage: Outage, _ tx: Tx) throws -> Outage {
        let city = house.city
        let now = outage.until
        let law = try OutageLaw(city.rules, on: city.zone.day(of: now))
        let publicity = Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules)
        var rows: [NoticeRow] = []
        var cases = 0
        if law.counts(outage) {
            rows = try duties.flatMap { try $0.extend(for: outage, law, at: now, tx) }
            rows += try publicity.extend(for: outage, law, at: now, tx)
            cases = try house.procedures.extendClocks(for: outage, law, at: now, tx)
        }
        var notice: Notice?
        if !rows.isEmpty || cases > 0 {
            let (from, until) = (city.zone.clockText(outage.from), city.zone.clockText(outage.until))
            notice = try publicity.open(
                title: Bilingual("因系统停机顺延截止日期的公告", "Deadlines moved because the system was down"),
                intro: Bilingual(
                    "系统于 \(from) 至 \(until) 停机 \(outage.minutes) 分钟。凡在停机期间或停机结束后 \(law.near) 小时内到期的，"
                        + "一律顺延 \(law.time.text.zh)（停机超过 24 小时的按日累加）：下列 \(rows.count) 项，"
                        + "以及等待申请人或单位办理的 \(cases) 件，均已自动顺延，无须申请。",
                    "The system was down for \(counted(outage.minutes, "minute")), from \(from) to \(until). Whatever was due "
                        + "meanwhile or within \(counted(law.near, "hour")) afterwards has \(law.time.text.en) more (for every 24 "
                        + "hours begun): the \(rows.count) below, and \(counted(cases, "case that waits", "cases that wait")) for applicants or "
                        + "organisations. Nobody needs to apply for it."),
                about: "outage", outage.id.text, rows: rows, division: city.objectionsDivision, by: .system, at: now, tx
            )
        }
        let kept = Outage(
            id: outage.id, from: outage.from, until: outage.until, extended: rows.count + cases, notice: notice?.number)
        try OutageStore.add(kept, at: now, tx)
        return kept
    }
}
