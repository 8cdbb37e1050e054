import Foundation
import Funding
import Kernel
import Ledger
import Logging
import Portal
import ServiceLifecycle
import Store

/// What the house does by itself: order and sign the record, let overdue corrections and reservations lapse, look after
/// reviews, send mail.
struct Jobs: Service, CustomStringConvertible {
    let services: Services
    let mail: MailServer?
    var logger = Logger(label: "jobs")
    /// Seconds between two rounds.
    var pause = 5

    /// Its name in logs. Without it all that it holds would be written out: seconds of work, and keys in the log.
    var description: String { "jobs" }

    init(services: Services, mail: MailServer?) {
        self.services = services
        self.mail = mail
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await tick()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(pause)) }
        }
    }

    /// One round. What fails is logged and tried again in the next; it holds up nothing else.
    func tick() async {
        let house = services.house
        services.pulse.round(at: house.clock.now())
        await attempt("clock") { try await ClockWatch.look(house) }
        await attempt("record") { try await house.record.tick() }
        // Before anything lapses: what fell into an outage has more time.
        await attempt("uptime") { try await services.uptime.beat() }
        await attempt("rules") { try await RuleChanges.refresh(house.city.rules, from: house.db) }
        await attempt("lapses") { try await Lapses.run(house, logger) }
        await attempt("reservations") {
            try await Expiry.run(in: house.db, before: house.today, at: house.clock.now())
        }
        for duty in services.duties { await attempt("\(type(of: duty))") { try await duty.tick() } }
        await attempt("keys of attempts") {
            try await IdempotencyStore.forget(before: house.clock.now(), in: house.db)
        }
        await attempt("retention") {
            try await Retention(house, columns: Services.sealed, rows: Services.personal)
                .runDaily(today: house.today, now: house.clock.now())
        }
        await attempt("sealing") {
            var sealing = services.sealing
            sealing.isEnding = { Task.isShuttingDownGracefully }
            try await sealing.runDaily(today: house.today, now: house.clock.now())
        }
        guard let mail else { return }
        await attempt("mail") {
            // A few at a time: a slow mail server must not hold up the end of the house.
            for _ in 0..<10 where !Task.isShuttingDownGracefully {
                let now = house.clock.now()
                let sent = try await Messages.deliver(from: house.db, vault: house.vault, now: now, limit: 5) { item in
                    try await Blocking.run {
                        try mail.send(to: item.to, subject: item.subject, body: item.body, id: item.id, now: now)
                    }
                }
                if sent == 0 { break }
            }
        }
    }

    private func attempt(_ part: String, _ body: () async throws -> Void) async {
        // The house goes on with it when it opens again.
        guard !Task.isShuttingDownGracefully else { return }
        do {
            try await body()
        } catch is CancellationError {
            // The house is closing.
        } catch {
            services.pulse.failed(part)
            logger.error("\(part) failed: \(error)")
        }
    }
}

/// Steps that end by themselves when their days are over.
enum Lapses {
    /// Lets every case lapse whose days are over; one that cannot is logged and does not hold up the others.
    static func run(_ house: House, _ logger: Logger = Logger(label: "lapses")) async throws {
        let today = house.today
        let now = house.clock.now()
        for definition in house.procedures.definitions {
            for step in definition.steps where !Task.isShuttingDownGracefully {
                guard let action = step.clock?.lapse else { continue }
                let late = try await house.db.read { tx in
                    try Worklist.at(definition.id, step.id, limit: 500, tx).filter {
                        ($0.dueOn.map { $0 < today }) ?? false
                    }
                }
                for file in late {
                    do {
                        try await house.db.write { tx in
                            // Where another process let it lapse, the step that it is at knows no such action.
                            guard try CaseStore.require(file.id, tx).revision == file.revision else {
                                throw ProcedureError.stale
                            }
                            try house.procedures.act(
                                file.id, action, revision: file.revision, as: .system, at: now, in: tx)
                        }
                    } catch ProcedureError.stale {
                        // Somebody was faster: the case has moved on and is judged again in the next round.
                        continue
                    } catch let closing as CancellationError {
                        throw closing
                    } catch {
                        logger.error("\(file.number) cannot lapse: \(error)")
                    }
                }
            }
        }
    }
}

/// Runs a blocking call on a thread of its own, away from those that answer requests.
enum Blocking {
    static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.start()
        }
    }
}
