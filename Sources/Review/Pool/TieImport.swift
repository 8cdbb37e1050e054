public import Kernel
import Store

/// What became of a file of ties: all of it is kept, or nothing.
public struct TieImport: FileImport {
    /// What the file looks like.
    public static let table = FilledTable(
        [
            .init("expert", Bilingual("专家登录名", "Expert's login")),
            .init("relation", Bilingual("关系", "Relation")),
            .init("with", Bilingual("对方", "With whom")),
            .init("from", Bilingual("开始", "From"), isRequired: false),
            .init("to", Bilingual("结束", "To"), isRequired: false),
            .init("source", Bilingual("来源", "Source")),
        ], mostRows: 20_000)

    /// What became of one row.
    public struct Line: ImportedLine {
        public let number: Int
        /// As typed.
        public let expert: String
        public let with: String
        public let kind: TieKind?
        public fileprivate(set) var outcome: ImportOutcome
        public let problems: [FieldProblem]
    }

    public let lines: [Line]
    /// Whether anything was written.
    public let isWritten: Bool
    /// How many open assignments the ties ended.
    public let recused: Int
}

extension ReviewActions {
    /// Takes a file of ties in: all rows or none. Rows that are known change nothing, so the same file twice is once.
    /// Conflicts of the experts concerned are looked up again in every round under way, in the same transaction.
    /// - Parameter isDry: looks only.
    /// - Throws: `FilledTableError`, `SpreadsheetError` where the file as a whole cannot be read.
    public func importTies(_ bytes: [UInt8], name: String, isDry: Bool, by actor: Actor) async throws -> TieImport {
        try Policy.require(actor, .runReviews)
        let rows = try TieImport.table.read(bytes)
        let hash = Digest.hex(Digest.sha256(bytes))
        let now = clock.now()
        let author = actor.account?.text ?? "system"
        let work = { @Sendable (tx: Tx) throws -> TieImport in
            var judge = try TieJudge(rows, author: author, tx)
            var lines: [TieImport.Line] = []
            var new: [(ID<Expert>, Tie)] = []
            for row in rows {
                let (line, tie) = judge.judge(row)
                lines.append(line)
                if let tie { new.append(tie) }
            }
            guard !isDry, !new.isEmpty, !lines.contains(where: { $0.outcome == .refused }) else {
                return TieImport(lines: lines, isWritten: false, recused: 0)
            }
            for (expert, tie) in new { try TieStore.add(tie, id: ids.next().description, to: expert, at: now, tx) }
            let touched = Array(Set(new.map(\.0))).sorted { $0.text < $1.text }
            let before = try recused(touched, tx)
            try recuseConflicted(touched, actor, now, tx)
            try Record.append(
                Event(
                    room: "review", kind: "review.ties-imported", subjectKind: "pool", subject: "ties", actor: actor,
                    at: now,
                    content: [
                        "file": .string(name), "hash": .string(hash), "rows": .integer(Int64(rows.count)),
                        "added": .integer(Int64(new.count)),
                    ]), tx)
            for place in lines.indices where lines[place].outcome == .fits { lines[place].outcome = .imported }
            return TieImport(
                lines: lines, isWritten: true, recused: try recused(touched, tx) - before)
        }
        return isDry ? try await db.read(work) : try await db.write(work)
    }

    private func recused(_ experts: [ID<Expert>], _ tx: Tx) throws -> Int {
        var count = 0
        for part in experts.blocks() {
            count +=
                try tx.value(
                    "SELECT COUNT(*) FROM review_assignment WHERE expert IN \(list: part) AND state = 'recused'") ?? 0
        }
        return count
    }
}

/// Judges the rows of a file by what is registered; reads everything at once, in blocks of names.
private struct TieJudge {
    private struct Key: Hashable {
        let expert: ID<Expert>
        let kind: TieKind
        let subject: String
        let from: Day?
        let to: Day?
    }

    private struct Other {
        let id: String
        let isPerson: Bool
    }

    private let author: String
    private var experts: [String: (id: ID<Expert>, person: ID<PersonMark>?, organisation: ID<OrganisationMark>)] = [:]
    private var others: [String: Other] = [:]
    private var known: Set<Key> = []
    private var rows: [Key: Int] = [:]

    init(_ lines: [FilledTable.Row], author: String, _ tx: Tx) throws {
        self.author = author
        for part in lines.map({ $0["expert"] }).distinctBlocks {
            try tx.forEach(
                """
                SELECT a.login, e.id, e.person, e.organisation FROM account a JOIN expert e ON e.account = a.id
                WHERE a.login IN \(list: part)
                """
            ) { row in
                experts[try row["login"]] = (try row["id"], try row["person"], try row["organisation"])
            }
        }
        for part in lines.map({ TieJudge.name($0["with"]) }).distinctBlocks {
            try tx.forEach("SELECT id, orcid FROM person WHERE orcid IN \(list: part)") { row in
                others[try row["orcid"]] = Other(id: try row["id"], isPerson: true)
            }
            try tx.forEach("SELECT id, uscc FROM organisation WHERE uscc IN \(list: part)") { row in
                others[try row["uscc"]] = Other(id: try row["id"], isPerson: false)
            }
            try tx.forEach("SELECT login, person FROM account WHERE login IN \(list: part) AND person IS NOT NULL") {
                row in others[try row["login"]] = Other(id: try row["person"], isPerson: true)
            }
        }
        for part in experts.values.map(\.id.text).distinctBlocks {
            for (expert, ties) in try TieStore.ties(of: part.map { ID($0) }, tx) {
                for tie in ties { known.insert(TieJudge.key(expert, tie)) }
            }
        }
    }

    /// An ORCID iD or a credit code as the registry writes it; a login as it stands.
    private static func name(_ text: String) -> String {
        (try? ORCID(parsing: text))?.text ?? (text.count == 18 ? text.uppercased() : text)
    }

    private static func key(_ expert: ID<Expert>, _ tie: Tie) -> Key {
        Key(expert: expert, kind: tie.kind, subject: tie.subject, from: tie.from, to: tie.to)
    }

    mutating func judge(_ row: FilledTable.Row) -> (line: TieImport.Line, tie: (ID<Expert>, Tie)?) {
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ code: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "tie.\(code)", message: Bilingual(zh, en)))
        }
        let expert = experts[row["expert"]]
        let kind = TieKind(typed: row["relation"])
        let other = others[TieJudge.name(row["with"])]
        let (from, to) = (FilledTable.day(row["from"]), FilledTable.day(row["to"]))
        if expert == nil {
            miss("expert", "login", "专家库里没有登录名「\(row["expert"])」", "The pool has no expert '\(row["expert"])'")
        }
        if kind == nil {
            let names = TieKind.allCases
            miss(
                "relation", "tie", "关系应为：\(names.map(\.title.zh).joined(separator: "、"))",
                "The relation is one of: \(names.map(\.title.en).joined(separator: "; "))")
        }
        if other == nil {
            miss(
                "with", "with", "主体库里没有「\(row["with"])」；请填 ORCID、统一社会信用代码或登录名",
                "'\(row["with"])' is not registered; give an ORCID iD, a credit code or a login")
        }
        for (name, day) in [("from", from), ("to", to)] where !row[name].isEmpty && day == nil {
            miss(name, name, "日期请写成 2026-03-02", "Write the date as 2026-03-02")
        }
        if let from, let to, to < from { miss("to", "order", "结束早于开始", "It ends before it begins") }
        if row["source"].isEmpty { miss("source", "source", "请写明来源", "Say where it is known from") }
        if row["source"].count > 300 {
            miss("source", "source", "来源最多 300 字", "The source takes at most 300 characters")
        }
        if let expert, let other {
            if other.id == expert.person?.text {
                miss("with", "self", "对方就是专家本人", "That is the expert")
            } else if !other.isPerson, let kind, kind.needsPerson {
                miss("with", "person", "「\(kind.title.zh)」的对方应是个人", "'\(kind.title.en)' is to a person")
            }
        }
        func line(_ outcome: ImportOutcome) -> TieImport.Line {
            TieImport.Line(
                number: row.number, expert: row["expert"], with: row["with"], kind: kind, outcome: outcome,
                problems: problems)
        }
        guard problems.isEmpty, let expert, let kind, let other else { return (line(.refused), nil) }
        let tie = Tie(kind, other.id, from: from, to: to, source: row["source"], author: author)
        let key = TieJudge.key(expert.id, tie)
        if known.contains(key) { return (line(.known), nil) }
        if let first = rows[key] {
            miss("expert", "twice", "与第 \(first) 行相同", "The same as row \(first)")
            return (line(.refused), nil)
        }
        rows[key] = row.number
        return (line(.fits), (expert.id, tie))
    }
}

extension TieKind {
    /// A relation by its code or either of its names.
    init?(typed text: String) {
        let key = FilledTable.key(text)
        let found = TieKind.allCases.first { kind in
            [kind.rawValue, kind.title.zh, kind.title.en].contains { FilledTable.key($0) == key }
        }
        guard let found else { return nil }
        self = found
    }

    /// Whether only a human being can stand on the other side.
    var needsPerson: Bool {
        switch self {
        case .coAuthor, .adviser, .relative: true
        case .sharedProject, .money, .objection, .other: false
        }
    }
}
