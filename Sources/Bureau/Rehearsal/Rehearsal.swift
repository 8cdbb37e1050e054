import Foundation
import Funding
import Kernel
import Review
import Store

/// Plays a whole round from a file of applications through the same actions as the pages, with a clock that it moves,
/// and checks the laws of the house. The same seed gives the same round on every engine.
public struct Rehearsal: Sendable {
    /// One line of what happened.
    public struct Step: Sendable, Hashable {
        public let name: String
        public let result: String
        public let seconds: Double
    }

    /// What happened, and the laws that were broken; none means that all held.
    public struct Outcome: Sendable {
        public let steps: [Step]
        public let laws: [(law: String, faults: [String])]
        public var holds: Bool { laws.allSatisfy(\.faults.isEmpty) }
    }

    let services: Services
    let base: StandingClock
    let call: RehearsalCall
    let rows: [RehearsalRow]
    let seed: UInt64

    private var funding: Funding { services.funding }
    private var house: House { services.house }

    /// Opens an empty database for a rehearsal.
    /// - Throws: a problem where the database holds accounts already, or a file cannot be read.
    public init(
        applications: String, call: String, seed: UInt64, limit: Int?, database: String?, city: String, folder: String
    ) async throws {
        let jurisdiction = try Jurisdiction(folder: city)
        // The house's own file is thrown away afterwards, so that it need not survive a power cut.
        let db = try Database.open(
            database ?? "sqlite:\(folder)/rehearsal.sqlite", DatabaseOptions(waitsForDisk: database != nil))
        try await db.migrate(Services.migrations)
        let accounts: Int = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM account") ?? 0 }
        guard accounts == 0 else {
            throw PlainProblem(
                .conflict, "rehearsal.not-empty",
                Bilingual("数据库里已有内容，演练要用空库。", "The database is not empty; rehearse on an empty one."))
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/spool", withIntermediateDirectories: true)
        guard let start = Day(year: jurisdiction.calendar.knownThrough.parts.year, month: 3, day: 2) else {
            throw CalendarError.faulty(["no year"])
        }
        base = StandingClock(jurisdiction.zone.start(of: start).adding(seconds: 9 * 3_600))
        services = try Services(
            db: db, clock: MovableClock(base: base), ids: SeededIDSource(seed: seed), city: jurisdiction,
            vault: Vault(key: [UInt8](repeating: 1, count: 32)), files: FileStore(folder: folder),
            site: "http://rehearsal",
            isDemonstration: true)
        self.call = try RehearsalCall.load(call)
        self.rows = try RehearsalRow.load(applications, limit: limit)
        self.seed = seed
    }

    /// Plays the round.
    /// - Parameter told: each line as soon as it is known.
    public func play(_ told: @Sendable (Step) -> Void) async throws -> Outcome {
        var steps: [Step] = []
        func step(_ name: String, _ body: () async throws -> String) async throws {
            let start = ContinuousClock.now
            let result = try await body()
            let spent = start.duration(to: .now)
            let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
            let done = Step(name: name, result: result, seconds: seconds)
            steps.append(done)
            told(done)
        }
        var cast: RehearsalCast?
        try await step("cast") {
            try await DemonstrationCity(services).seedProgrammes()
            let made = try await RehearsalCast.enter(rows, seed: seed, into: services)
            cast = made
            return
                "\(made.administrators.count) hosts, \(Set(made.applicants.map(\.account)).count) applicants, \(made.experts.count) experts"
        }
        guard let cast else { return Outcome(steps: steps, laws: []) }
        var published: Call?
        try await step("call") {
            let made = try await publish(cast)
            published = made
            return "\(made.number), budget \(made.budget.yuanText) yuan"
        }
        guard let published else { return Outcome(steps: steps, laws: []) }
        let players = RehearsalPlayers(
            services: services, cast: cast, call: published, rows: rows, seed: seed, floor: call.floor)
        try await step("applications") { try await players.apply() }
        try await step("formal check") { try await players.check() }
        move(toDayAfter: published.closesOn)
        try await step("closing") {
            try await Lapses.run(house)
            return "day \(house.today)"
        }
        try await step("review") { try await players.review() }
        try await step("decision") { try await players.decide() }
        try await step("publicity") { try await players.publicity { days in base.move(seconds: days * 86_400) } }
        try await step("contracts") { try await players.sign() }
        try await step("money") { try await players.pay() }
        try await step("acceptance") { try await players.accept() }
        let laws = try await RehearsalLaws(services: services, call: published).check()
        return Outcome(steps: steps, laws: laws)
    }

    private func publish(_ cast: RehearsalCast) async throws -> Call {
        let today = house.today
        let draft = try await funding.calls.draft(
            try call.content(), programme: call.programme, year: today.parts.year, opensOn: today,
            closesOn: today.adding(days: call.openDays), budget: try Money(parsing: call.budget), by: cast.officer)
        _ = try await funding.calls.propose(draft.id, by: cast.officer)
        return try await funding.calls.publish(draft.id, by: cast.leader)
    }

    private func move(toDayAfter day: Day) {
        base.set(to: house.city.zone.start(of: day.adding(days: 1)).adding(seconds: 9 * 3_600))
    }
}
