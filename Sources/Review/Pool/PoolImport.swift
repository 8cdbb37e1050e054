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

    private func keep(_ entry: PoolJudge.Entry, at now: Instant, _ tx: Tx) throws -> ID<Expert> {
        let account = entry.account
        if !account.roles.contains(.expert) {
            try AccountStore.setRoles(account.roles.union([.expert]), division: account.division, of: account.id, tx)
        }
        let expert = Expert(
            id: entry.known?.id ?? ids.make(), account: account.id, person: account.person, name: account.name,
            title: entry.title, organisation: entry.employer.id, organisationName: entry.employer.name.zh,
            maxLoad: entry.load, fields: entry.fields)
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

/// Judges the rows of a file of experts by what is registered.
private struct PoolJudge {
    struct Entry {
        let account: AccountCard
        let known: Expert?
        let title: String
        let employer: Organisation
        let fields: [String]
        let keywords: [String]
        let load: Int?
    }

    private static let staff: Set<Role> = [.officer, .leader, .treasurer, .auditor, .systemAdministrator]

    private var accounts: [String: AccountCard] = [:]
    private var experts: [ID<Account>: Expert] = [:]
    private var places: [String: Organisation] = [:]
    private var keywords: [ID<Expert>: Set<String>] = [:]
    private var rows: [String: Int] = [:]

    init(_ lines: [FilledTable.Row], _ tx: Tx) throws {
        func blocks(_ names: [String], _ body: ([String]) throws -> Void) throws {
            let all = Set(names.filter { !$0.isEmpty }).sorted()
            for block in stride(from: 0, to: all.count, by: 500) {
                try body(Array(all[block..<min(block + 500, all.count)]))
            }
        }
        try blocks(lines.map { $0["login"] }) { part in
            for card in try AccountStore.find(logins: part, tx) { accounts[card.login] = card }
        }
        try blocks(accounts.values.map(\.id.text)) { part in
            for expert in try ExpertStore.find(accounts: part.map { ID($0) }, tx) { experts[expert.account] = expert }
        }
        try blocks(experts.values.map(\.id.text)) { part in
            try tx.forEach("SELECT expert, text FROM expert_text WHERE kind = 'keyword' AND expert IN \(list: part)") {
                row in keywords[try row["expert"], default: []].insert(try row["text"])
            }
        }
        try blocks(lines.map { $0["employer"].uppercased() }) { part in
            let ids = try tx.rows("SELECT id FROM organisation WHERE uscc IN \(list: part)") {
                try $0["id"] as ID<OrganisationMark>
            }
            for place in try Registry.organisations(ids, tx).values { places[place.uscc] = place }
        }
    }

    mutating func judge(_ row: FilledTable.Row) -> (line: PoolImport.Line, entry: Entry?) {
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "expert.\(field)", message: Bilingual(zh, en)))
        }
        let account = accounts[row["login"]]
        let employer = places[row["employer"].uppercased()]
        let fields = Set(Keywords.list(row["fields"].replacing(" ", with: ";"))).sorted()
        let words = Keywords.list(row["keywords"])
        let load = Int(row["load"])
        if let account {
            if !account.roles.isDisjoint(with: PoolJudge.staff) {
                miss("login", "本局工作人员不能担任评审专家", "Bureau staff cannot be experts")
            }
            if account.person == nil { miss("login", "账号未关联人员信息", "The account is not linked to a person") }
        } else {
            miss("login", "没有登录名「\(row["login"])」", "There is no account '\(row["login"])'")
        }
        if row["title"].isEmpty || row["title"].count > 60 {
            miss("title", "请填写职称，最多 60 字", "Give the title, at most 60 characters")
        }
        if employer == nil {
            miss("employer", "主体库里没有「\(row["employer"])」", "'\(row["employer"])' is not registered")
        }
        if fields.isEmpty || fields.count > 10 || fields.contains(where: { $0.count > 10 }) {
            miss("fields", "请填写 1 至 10 个学科代码，用分号隔开", "Give 1 to 10 codes of disciplines with semicolons between")
        }
        if words.count > ExpertTexts.most || words.contains(where: { $0.count > ExpertTexts.longest }) {
            miss("keywords", "关键词太多或太长", "There are too many keywords, or one is too long")
        }
        if !row["load"].isEmpty, load.map({ !(1...200).contains($0) }) ?? true {
            miss("load", "每轮最多项数应为 1 至 200", "The most in a round is 1 to 200")
        }
        if let first = rows[row["login"]] { miss("login", "与第 \(first) 行同一登录名", "The same login as row \(first)") }
        rows[row["login"]] = rows[row["login"]] ?? row.number
        func line(_ outcome: ImportOutcome) -> PoolImport.Line {
            PoolImport.Line(
                number: row.number, login: row["login"], employer: row["employer"], outcome: outcome,
                problems: problems)
        }
        guard problems.isEmpty, let account, let employer else { return (line(.refused), nil) }
        let known = experts[account.id]
        if let known, known.title == row["title"], known.organisation == employer.id, known.fields == fields,
            known.maxLoad == load, account.roles.contains(.expert),
            words.isEmpty || Set(words) == keywords[known.id] ?? []
        {
            return (line(.known), nil)
        }
        return (
            line(.fits),
            Entry(
                account: account, known: known, title: row["title"], employer: employer, fields: fields,
                keywords: words, load: load)
        )
    }
}
