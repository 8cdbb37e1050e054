public import Kernel
import Store

/// What became of a file of experts: all of it is kept, or nothing.
public struct PoolImport: FileImport {
    /// What became of one row.
    public struct Line: ImportedLine {
        public let number: Int
        /// As typed.
        public let login: String
        public let employer: String
        public fileprivate(set) var outcome: ImportOutcome
        public let problems: [FieldProblem]
    }

    /// What the file looks like.
    public static let table = FilledTable(
        [
            .init("login", Bilingual("登录名", "Login")),
            .init("title", Bilingual("职称", "Title")),
            .init("employer", Bilingual("单位信用代码", "Employer's credit code")),
            .init("fields", Bilingual("学科代码", "Disciplines")),
            .init("keywords", Bilingual("关键词", "Keywords"), isRequired: false),
            .init("load", Bilingual("每轮最多项数", "Most in a round"), isRequired: false),
            // Without it experts stay as they are; new ones judge in Chinese.
            .init("languages", Bilingual("评审语言", "Languages"), isRequired: false),
        ], mostRows: 5_000)

    public let lines: [Line]
    /// Whether anything was written.
    public let isWritten: Bool
}

extension ReviewActions {
    /// Takes a file of experts in, by their accounts: all rows or none. A row adds its expert to the pool, or brings
    /// one up to date; rows that change nothing are known, so the same file twice is once. A former employer is kept
    /// among the employments, and conflicts are looked up again in the same transaction.
    /// - Parameter isDry: looks only.
    /// - Throws: `FilledTableError`, `SpreadsheetError` where the file as a whole cannot be read.
    public func importExperts(_ bytes: [UInt8], name: String, isDry: Bool, by actor: Actor) async throws -> PoolImport {
        try Policy.require(actor, .runReviews)
        let rows = try PoolImport.table.read(bytes)
        let hash = Digest.hex(Digest.sha256(bytes))
        let now = clock.now()
        let work = { @Sendable (tx: Tx) throws -> PoolImport in
            var judge = try PoolJudge(rows, tx)
            var lines: [PoolImport.Line] = []
            var new: [PoolJudge.Entry] = []
            for row in rows {
                let (line, entry) = judge.judge(row)
                lines.append(line)
                if let entry { new.append(entry) }
            }
            guard !isDry, !new.isEmpty, !lines.contains(where: { $0.outcome == .refused }) else {
                return PoolImport(lines: lines, isWritten: false)
            }
            var touched: [ID<Expert>] = []
            for entry in new { touched.append(try keep(entry, at: now, tx)) }
            try recuseConflicted(touched, actor, now, tx)
            try Record.append(
                Event(
                    room: "review", kind: "review.experts-imported", subjectKind: "pool", subject: "experts",
                    actor: actor, at: now,
                    content: [
                        "file": .string(name), "hash": .string(hash), "rows": .integer(Int64(rows.count)),
                        "changed": .array(new.map { .string($0.account.login) }),
                    ]), tx)
            for place in lines.indices where lines[place].outcome == .fits { lines[place].outcome = .imported }
            return PoolImport(lines: lines, isWritten: true)
        }
        return isDry ? try await db.read(work) : try await db.write(work)
    }

    func keep(_ entry: PoolJudge.Entry, at now: Instant, _ tx: Tx) throws -> ID<Expert> {
        let account = entry.account
        if !account.roles.contains(.expert) {
            try AccountStore.setRoles(account.roles.union([.expert]), division: account.division, of: account.id, tx)
        }
        let expert = Expert(
            id: entry.known?.id ?? ids.make(), account: account.id, person: account.person, name: account.name,
            title: entry.title, organisation: entry.employer.id, organisationName: entry.employer.name.zh,
            maxLoad: entry.load, languages: entry.languages, fields: entry.fields)
        if let known = entry.known {
            if known.organisation != expert.organisation {
                let since: Instant = try tx.value("SELECT joined_at FROM expert WHERE id = \(known.id)") ?? now
                try ExpertStore.employ(
                    ExpertFacts.Employment(
                        organisation: known.organisation, from: zone.day(of: since), to: zone.day(of: now)),
                    known.id, tx)
            }
            try ExpertStore.update(expert, tx)
        } else {
            try ExpertStore.add(expert, at: now, tx)
        }
        if !entry.keywords.isEmpty {
            try ExpertTexts.set(
                keywords: entry.keywords, titles: try ExpertTexts.find(expert.id, tx).titles, of: expert.id, tx)
        }
        return expert.id
    }
}
