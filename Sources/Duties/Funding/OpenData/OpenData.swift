public import Kernel
import Ledger
import Store

/// Publishes awards, contracts and payments, once a day, for the days that are over.
public struct OpenData: Sendable {
    let db: Database
    let clock: any Clock
    let city: Jurisdiction
    let words: OpenWords

    public init(_ house: House) {
        self.init(db: house.db, clock: house.clock, city: house.city, site: house.site)
    }

    init(db: Database, clock: any Clock, city: Jurisdiction, site: String) {
        self.db = db
        self.clock = clock
        self.city = city
        words = OpenWords(city: city.id, bureau: city.bureau, site: site, zone: city.zone)
    }

    private static let mark = "open-data.day"
    private static let lock = [LockKey("open-data")]
    private static let page = 100

    /// Publishes what happened up to yesterday, unless that was done.
    /// - Throws: ``OpenDataError/faulty(_:)``; all that is not faulty is published then.
    public func tend() async throws {
        let day = city.zone.day(of: clock.now()).adding(days: -1)
        let last = try await db.read { tx in try Settings.get(OpenData.mark, tx).flatMap { Day($0) } }
        if let last, last >= day { return }
        try await publish(through: day)
    }

    /// Publishes all that happened up to the end of a day and is not published yet, then makes the day's packages.
    public func publish(through day: Day) async throws {
        var faults: [String] = []
        var call: ID<Call>?
        repeat {
            let after = call
            let (last, wrong) = try await db.write(locking: OpenData.lock) { tx in
                try publishCalls(after: after, day, tx)
            }
            faults += wrong
            call = last
        } while call != nil
        var award: ID<CaseFile>?
        repeat {
            let after = award
            let (last, wrong) = try await db.write(locking: OpenData.lock) { tx in
                try publishAwards(after: after, day, tx)
            }
            faults += wrong
            award = last
        } while award != nil
        for kind in OpenPackage.Kind.allCases { try await makePackage(kind, day) }
        try await db.write { tx in try Settings.set(OpenData.mark, day.description, tx) }
        guard faults.isEmpty else { throw OpenDataError.faulty(faults) }
    }

    /// Writes the package of a day, or the newest one.
    /// - Throws: ``OpenDataError/noPackage``, ``OpenDataError/noPackageOn(_:)``.
    @discardableResult
    public func write(
        _ kind: OpenPackage.Kind, day: Day? = nil, _ sink: ([UInt8]) async throws -> Void
    ) async throws -> OpenPackage {
        let package = try await db.read { tx in
            try day.map { try OpenPackage.find(kind, $0, tx) } ?? OpenPackage.newest(kind, tx)
        }
        guard let package else { throw day.map { OpenDataError.noPackageOn($0) } ?? .noPackage }
        try await OpenPackageWriter(db: db, words: words).write(kind, through: package.day, sink)
        return package
    }

    // MARK: Items

    /// - Returns: the last call looked at, nil where there are no more; and what is faulty.
    private func publishCalls(after id: ID<Call>?, _ day: Day, _ tx: Tx) throws -> (ID<Call>?, [String]) {
        let calls = try CallStore.published(after: id, limit: OpenData.page, tx)
        let programmes = Dictionary(try ProgrammeStore.all(tx).map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        let accounts = calls.compactMap { call in
            programmes[call.programme].map {
                LedgerAccount.reserve($0.code, year: call.year, call: call.number)
            }
        }
        let reserved = Dictionary(
            try tx.rows("SELECT id, in_fen FROM ledger_account WHERE id IN \(list: accounts)") {
                (try $0["id"] as String, try $0["in_fen"] as Money)
            }, uniquingKeysWith: { a, _ in a })
        let map = ReleaseMap(words: words)
        let releases = calls.compactMap { call -> ReleaseMap.Release? in
            guard let at = call.publishedAt, at < city.zone.end(of: day) else { return nil }
            let programme = programmes[call.programme]
            let account = programme.map { LedgerAccount.reserve($0.code, year: call.year, call: call.number).text }
            return map.tender(call, programme: programme, reserved: account.flatMap { reserved[$0] } ?? .zero)
        }
        return (calls.count < OpenData.page ? nil : calls.last?.id, try keep(releases, day, tx))
    }

    private func publishAwards(after id: ID<CaseFile>?, _ day: Day, _ tx: Tx) throws -> (ID<CaseFile>?, [String]) {
        let page = try PublicAwards.page(after: id, limit: OpenData.page, tx)
        let end = city.zone.end(of: day)
        let awards = page.compactMap { award -> PublicAward? in
            var award = award
            award.moves = award.moves.filter { $0.at < end }
            return award.moves.isEmpty || award.decided.at >= end ? nil : award
        }
        let terms = try statedTerms(awards, tx)
        let applied = try applied(awards, tx)
        let map = ReleaseMap(words: words)
        var releases: [ReleaseMap.Release] = []
        for award in awards {
            let stated = terms[award.project.number]
            releases += map.releases(award, applied: applied[award.project.call] ?? 0)
            if let change = map.termChanged(award, statedTerm: stated, at: city.zone.start(of: day)) {
                releases.append(change)
            }
            if let at = award.project.closedAt, at < end, let ended = map.ended(award) { releases.append(ended) }
        }
        var faults = try keep(releases, day, tx)
        faults += try keepGrants(awards, day, tx)
        return (page.count < OpenData.page ? nil : page.last?.project.id, faults)
    }

    private func statedTerms(_ awards: [PublicAward], _ tx: Tx) throws -> [String: String] {
        let rows = try tx.rows(
            """
            SELECT project, term FROM open_item WHERE kind = 'release' AND term <> ''
                AND project IN \(list: awards.map(\.project.number)) ORDER BY at, id
            """
        ) { (try $0["project"] as String, try $0["term"] as String) }
        return Dictionary(rows, uniquingKeysWith: { _, last in last })
    }

    private func applied(_ awards: [PublicAward], _ tx: Tx) throws -> [ID<Call>: Int] {
        let rows = try tx.rows(
            """
            SELECT call, COUNT(*) AS n FROM application
            WHERE submitted_at IS NOT NULL AND call IN \(list: Array(Set(awards.map(\.project.call)))) GROUP BY call
            """
        ) { (try $0["call"] as ID<Call>, try $0["n"] as Int) }
        return Dictionary(rows, uniquingKeysWith: { a, _ in a })
    }

    /// Keeps releases that were not published before.
    private func keep(_ releases: [ReleaseMap.Release], _ day: Day, _ tx: Tx) throws -> [String] {
        let known = Set(
            try tx.rows(
                "SELECT id FROM open_item WHERE kind = 'release' AND id IN \(list: releases.map(\.id))"
            ) { try $0["id"] as String })
        var faults: [String] = []
        var rows: [SQL] = []
        for release in releases where !known.contains(release.id) {
            let wrong = OpenDataCheck.faults(ofRelease: release.body)
            guard wrong.isEmpty else {
                faults += wrong.map { "\(release.id): \($0)" }
                continue
            }
            let body = release.body.canonicalText
            rows.append(
                """
                ('release', \(release.id), \(day), \(release.process), \(release.project), \(release.at),
                \(release.term), \(body), \(Digest.hex(Digest.sha256(Array(body.utf8)))))
                """)
        }
        try insert(rows, tx)
        return faults
    }

    /// Keeps grants that are not as they were published last.
    private func keepGrants(_ awards: [PublicAward], _ day: Day, _ tx: Tx) throws -> [String] {
        let map = GrantMap(words: words, city: city)
        let grants = awards.map { (award: $0, body: map.grant($0)) }
        let ids = awards.map { words.grant($0.project.number) }
        let known = Dictionary(
            try tx.rows("SELECT id, hash FROM open_item WHERE kind = 'grant' AND id IN \(list: ids) ORDER BY day") {
                (try $0["id"] as String, try $0["hash"] as String)
            }, uniquingKeysWith: { _, last in last })
        var faults: [String] = []
        var rows: [SQL] = []
        for (award, body) in grants {
            let id = words.grant(award.project.number)
            let text = body.canonicalText
            let hash = Digest.hex(Digest.sha256(Array(text.utf8)))
            guard known[id] != hash else { continue }
            let wrong = OpenDataCheck.faults(ofGrant: body)
            faults += wrong.map { "\(id): \($0)" }
            guard wrong.isEmpty else { continue }
            rows.append(
                """
                ('grant', \(id), \(day), '', \(award.project.number), \(award.decided.at), '', \(text), \(hash))
                """)
        }
        try insert(rows, tx)
        return faults
    }

    private func insert(_ rows: [SQL], _ tx: Tx) throws {
        for block in stride(from: 0, to: rows.count, by: 50) {
            try tx.run(
                """
                INSERT INTO open_item (kind, id, day, process, project, at, term, body, hash)
                VALUES \(SQL.join(Array(rows[block..<min(block + 50, rows.count)]), separator: ", "))
                ON CONFLICT (kind, id, day) DO NOTHING
                """)
        }
    }

    // MARK: Packages

    /// Makes a package where something of its kind is new that day.
    private func makePackage(_ kind: OpenPackage.Kind, _ day: Day) async throws {
        let source = kind == .giving ? "grant" : "release"
        let isNew = try await db.read { tx in
            let one: Int? = try tx.value("SELECT 1 FROM open_item WHERE kind = \(source) AND day = \(day) LIMIT 1")
            return try one != nil && OpenPackage.find(kind, day, tx) == nil
        }
        guard isNew else { return }
        let digest = RunningDigest()
        let items = try await OpenPackageWriter(db: db, words: words).write(kind, through: day) { digest.add($0) }
        let (bytes, hash) = (digest.count, digest.finish())
        let now = clock.now()
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO open_package (day, kind, items, bytes, sha256, made_at)
                VALUES (\(day), \(kind), \(items), \(bytes), \(hash), \(now)) ON CONFLICT (day, kind) DO NOTHING
                """)
        }
    }
}
