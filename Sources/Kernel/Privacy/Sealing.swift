public import Store

/// Seals what lies in the clear in places that are sealed today: rows from before they were, and what processes of an
/// earlier version wrote beside this one. It begins when none of these is left, and goes block by block, each a
/// transaction of its own, so that it can be ended anywhere and goes on where it was; what somebody changes meanwhile
/// is left to them.
public struct Sealing: Sendable {
    let db: Database
    let vault: Vault
    let procedures: Procedures
    let columns: [SealedColumn]
    /// Rows of one transaction.
    var batch = 200
    /// Blocks of one round of the house's jobs: what else they do waits for a second or two.
    var blocks = 5
    /// Asked before each block; true ends the work with a `CancellationError`.
    public var isEnding: @Sendable () -> Bool = { false }

    /// - Parameter columns: the sealed columns of all rooms.
    public init(_ house: House, columns: [SealedColumn]) {
        db = house.db
        vault = house.vault
        procedures = house.procedures
        self.columns = columns
    }

    init(db: Database, vault: Vault, procedures: Procedures, columns: [SealedColumn], batch: Int) {
        self.db = db
        self.vault = vault
        self.procedures = procedures
        self.columns = columns
        self.batch = batch
    }

    /// Asked whenever a house is opened, before it seals anything.
    /// - Parameter serves: whether people use it, and no command alone.
    /// - Returns: for ``Vault/contactsFrom``.
    public static func begin(in db: Database, serves: Bool, at now: Instant) async throws -> Instant? {
        try await db.write { tx in
            let isNew = try tx.first("SELECT 1 FROM account LIMIT 1") == nil
            return try Handover.begin("contacts", isNew: isNew, serves: serves, at: now, tx)
        }
    }

    /// Seconds for which the walk belongs to the process that does a round of it; if that dies, another takes it then.
    private static let turn = 300
    private static let taken = "sealing.taken"

    /// Goes through everything once a day, some blocks a round; the house's jobs call it every round. Of several
    /// processes one does a round.
    public func runDaily(today: Day, now: Instant) async throws {
        let setting = "sealing.done"
        let done = try await db.read { tx in try Settings.get(setting, tx) }
        guard done != today.description, vault.sealsContacts(at: now), try await take(now) else { return }
        let isOver = try await walk(blocks, now).isOver
        try await db.write { tx in
            if isOver { try Settings.set(setting, today.description, tx) }
            try Settings.set(Sealing.taken, "0", tx)
        }
    }

    private func take(_ now: Instant) async throws -> Bool {
        try await db.write { tx in
            let until = try Settings.get(Sealing.taken, tx).flatMap { Int64($0) } ?? 0
            // Who took it for longer went by a clock that was set back since.
            let most = now.adding(seconds: Sealing.turn + Sealing.tolerance).microseconds
            guard until <= now.microseconds || until > most else { return false }
            try Settings.set(Sealing.taken, String(now.adding(seconds: Sealing.turn).microseconds), tx)
            return true
        }
    }

    /// Seals everything; done again it finds nothing. Before its time it does nothing.
    /// - Returns: how many rows were sealed.
    @discardableResult
    public func run(now: Instant) async throws -> Int {
        guard vault.sealsContacts(at: now) else { return 0 }
        return try await walk(.max, now).sealed
    }

    /// Goes on with the walk.
    /// - Parameter most: blocks; one without anything to seal counts among the answers alone, whose walk remembers how
    ///   far it came.
    private func walk(_ most: Int, _ now: Instant) async throws -> (sealed: Int, isOver: Bool) {
        var left = most
        var sealed = 0
        var forgotten = batch
        while forgotten == batch, left > 0 {
            forgotten = try await Messages.forget(in: db, limit: batch)
            if forgotten > 0 { left -= 1 }
        }
        for column in columns where column.storage == .text { sealed += try await seal(column, &left) }
        let answers = try await sealAnswers(now, &left)
        return (sealed + answers.sealed, answers.isOver)
    }

    private func goOn() throws {
        if isEnding() { throw CancellationError() }
    }

    private func seal(_ column: SealedColumn, _ left: inout Int) async throws -> Int {
        let (table, key) = (SQL(unchecked: column.table), SQL(unchecked: column.key))
        let name = SQL(unchecked: column.column)
        let (vault, batch) = (vault, batch)
        var sealed = 0
        var after: String? = ""
        while left > 0, let edge = after {
            try goOn()
            let clear = try await db.read { tx in
                try tx.rows(
                    """
                    SELECT \(key) AS id, \(name) AS held FROM \(table)
                    WHERE \(key) > \(edge) AND \(column.isFilled) AND NOT (\(column.isSealed))
                    ORDER BY \(key) LIMIT \(batch)
                    """
                ) { (id: try $0["id"] as String, held: try $0["held"] as SealedText) }
            }
            after = clear.count < batch ? nil : clear.last?.id
            guard !clear.isEmpty else { continue }
            left -= 1
            sealed += try await db.write { tx -> Int in
                var changed = 0
                for row in clear {
                    guard let new = try row.held.renewed(by: vault) else { continue }
                    changed += try tx.run(
                        "UPDATE \(table) SET \(name) = \(new) WHERE \(key) = \(row.id) AND \(name) = \(row.held)")
                }
                return changed
            }
        }
        return sealed
    }

    // MARK: Answers

    /// How far the answers of cases are sealed.
    private struct Progress: Codable {
        static let setting = "sealing.answers"
        /// Which fields were sealed: where others are today, everything is looked at again.
        var fields = ""
        /// What was saved before this moment is sealed.
        var since = Instant(microseconds: 0)
        /// When the walk that is under way began; nil between walks.
        var begun: Instant?
        /// The last case that the walk came to.
        var after = ""

        init(sealing fields: String) { self.fields = fields }

        /// How far it is with some fields.
        init(sealing fields: String, _ tx: Tx) throws {
            self.init(sealing: fields)
            guard let text = try Settings.get(Progress.setting, tx) else { return }
            let kept = try JSONValue(parsing: text).decode(Progress.self)
            if kept.fields == fields { self = kept }
        }

        func keep(_ tx: Tx) throws { try Settings.set(Progress.setting, JSONValue(encoding: self).canonicalText, tx) }
    }

    /// Seconds by which clocks of several machines may differ.
    private static let tolerance = 600

    /// The first walk goes through all cases, each later one through those that were saved since the last began.
    private func sealAnswers(_ now: Instant, _ left: inout Int) async throws -> (sealed: Int, isOver: Bool) {
        let filled = procedures.definitions.filter { !($0.form?.sealedFields ?? []).isEmpty }
        let definitions = Dictionary(
            filled.map { ("\($0.id)/\($0.version)", $0) }, uniquingKeysWith: { first, _ in first })
        let names = Array(Set(definitions.values.map(\.id)).union(procedures.hooks.forms.keys))
        let fields = Sealing.digest(filled, names)
        var sealed = 0
        var isOver = false
        while !isOver, left > 0 {
            try goOn()
            left -= 1
            let block = try await db.write { tx -> (sealed: Int, isOver: Bool) in
                var progress = try Progress(sealing: fields, tx)
                let begun = progress.begun ?? now
                let page = try tx.rows(
                    """
                    SELECT a.case_id, c.procedure, c.version, a.content FROM case_answers a
                    JOIN case_file c ON c.id = a.case_id
                    WHERE a.case_id > \(progress.after) AND a.saved_at >= \(progress.since)
                        AND c.procedure IN \(list: names) ORDER BY a.case_id LIMIT \(batch)
                    """, KeptAnswers.init(row:))
                let sealed = try seal(page, definitions, tx)
                if page.count < batch {
                    progress = Progress(sealing: fields)
                    progress.since = begun.adding(seconds: -Sealing.tolerance)
                } else {
                    progress.begun = begun
                    progress.after = page.last?.id.text ?? ""
                }
                try progress.keep(tx)
                return (sealed, page.count < batch)
            }
            sealed += block.sealed
            isOver = block.isOver
        }
        return (sealed, isOver)
    }

    private static func digest(_ definitions: [ProcedureDefinition], _ procedures: [String]) -> String {
        let fields = definitions.flatMap { one in
            (one.form?.sealedFields ?? []).map { field -> String in
                let columns = (field.columns ?? []).filter(\.isSealed).map(\.name).joined(separator: " ")
                return "\(one.id)/\(one.version)/\(field.name)/\(columns)"
            }
        }
        return Digest.hex(Digest.sha256(Array((fields + procedures).sorted().joined(separator: "\n").utf8)))
    }

    private func seal(
        _ page: [KeptAnswers], _ definitions: [String: ProcedureDefinition], _ tx: Tx
    ) throws -> Int {
        let forms = try procedures.forms(of: page, tx)
        for (key, cases) in Dictionary(grouping: page, by: { "\($0.procedure)/\($0.version)" }) {
            guard let definition = definitions[key] else { continue }
            try CaseValues.forgetSealed(definition, of: cases.map(\.id), tx)
        }
        var sealed = 0
        for item in page {
            guard let form = forms[item.id] else { continue }
            let content = try item.content.sealing(form, by: vault)
            guard content != item.content else { continue }
            sealed += try SealedAnswers.save(content, over: item.content, of: item.id, tx)
        }
        return sealed
    }
}
