import Foundation
import Funding
import Kernel
import Ledger
import Logging
import ServiceLifecycle
import Store

/// What the house does by itself: order the record, let overdue corrections and reservations lapse, send mail.
struct Jobs: Service {
    let services: Services
    let mail: MailServer?
    var logger = Logger(label: "jobs")
    /// Seconds between two rounds.
    var pause = 5

    init(services: Services, mail: MailServer?) {
        self.services = services
        self.mail = mail
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await tick()
            } catch {
                logger.error("round failed: \(error)")
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(pause)) }
        }
    }

    /// One round.
    func tick() async throws {
        let house = services.house
        while try await Record.sequence(in: house.db) == 1_000 {}
        try await Lapses.run(house)
        try await Expiry.run(in: house.db, before: house.today, at: house.clock.now())
        if let mail {
            let now = house.clock.now()
            _ = try await Messages.deliver(from: house.db, now: now) { item in
                try await Blocking.run {
                    try mail.send(to: item.to, subject: item.subject, body: item.body, id: item.id, now: now)
                }
            }
        }
    }
}

/// Steps that end by themselves when their days are over.
enum Lapses {
    static func run(_ house: House) async throws {
        let today = house.today
        let now = house.clock.now()
        for definition in house.procedures.definitions {
            for step in definition.steps {
                guard let action = step.clock?.lapse else { continue }
                let late = try await house.db.read { tx in
                    try Worklist.at(definition.id, step.id, limit: 500, tx).filter {
                        ($0.dueOn.map { $0 < today }) ?? false
                    }
                }
                for file in late {
                    do {
                        try await house.db.write { tx in
                            try house.procedures.act(
                                file.id, action, revision: file.revision, as: .system, at: now, in: tx)
                        }
                    } catch ProcedureError.stale {
                        // Somebody was faster: the case has moved on and is judged again in the next round.
                        continue
                    }
                }
            }
        }
    }
}

/// Runs a blocking call on a thread of its own, away from those that answer requests.
enum Blocking {
    static func run(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.start()
        }
    }
}
