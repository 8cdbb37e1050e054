import Kernel
import Store

/// A question of compliance (合规问题) that keeps a case from being decided until it is answered and cleared.
struct Flag: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable, SQLConvertible {
        case genetic, technology, dualUse = "dual-use", data, ethics, secrecy, other

        var title: Bilingual {
            switch self {
            case .genetic: Bilingual("人类遗传资源", "Human genetic resources")
            case .technology: Bilingual("技术出口", "Technology export")
            case .dualUse: Bilingual("两用物项", "Dual-use items")
            case .data: Bilingual("数据出境", "Data going abroad")
            case .ethics: Bilingual("科技伦理", "Ethics")
            case .secrecy: Bilingual("保密", "Secrecy")
            case .other: Bilingual("其他", "Other")
            }
        }
    }

    enum State: String, Sendable, SQLConvertible {
        case open, answered, cleared

        var title: Bilingual {
            switch self {
            case .open: Bilingual("待答复", "Open")
            case .answered: Bilingual("已答复", "Answered")
            case .cleared: Bilingual("已解决", "Cleared")
            }
        }
    }

    let kind: Kind
    let state: State
    let question: Bilingual
    let answer: String
    /// The number of an approval, record or review.
    let document: String

    init(row: Row) throws {
        kind = try row["kind"]
        state = try row["state"]
        question = Bilingual(try row["question_zh"], try row["question_en"])
        answer = try row["answer"]
        document = try row["document"]
    }

    init(_ kind: Kind, _ question: Bilingual) {
        self.kind = kind
        self.question = question
        (state, answer, document) = (.open, "", "")
    }
}

/// Finds the flags of a form and says which technology may not go abroad at all.
enum FlagFinder {
    /// Flags that the answers raise.
    static func flags(_ values: JSONValue, _ law: Law) throws -> [Flag] {
        var flags: [Flag] = []
        if let genetic = try genetic(values, law) { flags.append(genetic) }
        if values["technology"]?.string == "restricted" {
            flags.append(
                Flag(
                    .technology,
                    Bilingual(
                        "限制出口技术须取得许可（技术进出口管理条例），请填写许可证号。",
                        "Restricted technology needs a permit (regulation on technology trade); give its number.")))
        }
        let others: [(Flag.Kind, String, Bilingual)] = [
            (
                .dualUse, "dual-use",
                Bilingual("请说明两用物项出口管制的判断或许可证号。", "Say how dual-use control was judged, or give the permit.")
            ),
            (
                .data, "data",
                Bilingual(
                    "请说明数据出境的安全评估、标准合同或认证。", "Name the assessment, contract or certificate for data going abroad.")
            ),
            (
                .ethics, "ethics",
                Bilingual("合作各方所在国均须通过伦理审查，请填写审查文号。", "Ethics is reviewed in each party's country; give the numbers.")
            ),
            (.secrecy, "secrecy", Bilingual("请说明保密审查结论。", "Give the outcome of the secrecy review.")),
        ]
        for (kind, field, question) in others where ["yes", "unsure"].contains(values[field]?.string ?? "") {
            flags.append(Flag(kind, question))
        }
        return flags
    }

    /// Human genetic resources: what the regulation wants first, in its words and days.
    private static func genetic(_ values: JSONValue, _ law: Law) throws -> Flag? {
        guard let purpose = values["genetic"]?.string.flatMap(GeneticPurpose.init(rawValue:)) else { return nil }
        var facts = GeneticFacts()
        (facts.used, facts.foreignParty, facts.purpose) = (true, true, purpose)
        facts.endsOn = values["ends-on"]?.string.flatMap { Day($0) }
        let outcome = try GeneticRule(law).decide(facts)
        let days =
            outcome.days.map {
                Bilingual("，审批 \($0) 个工作日", ", decided in \(counted($0, "working day"))")
            } ?? Bilingual("", "")
        let report =
            outcome.reportBy.map {
                Bilingual("；报告期限 \($0)", "; the report is due on \($0)")
            } ?? Bilingual("", "")
        return Flag(
            .genetic,
            Bilingual(
                "人类遗传资源：\(outcome.words.zh)\(days.zh)\(report.zh)。请填写批准或备案号。",
                "Human genetic resources: \(outcome.words.en)\(days.en)\(report.en). Give the number."))
    }

    /// Prohibited technology may not go abroad.
    static func barred(_ values: JSONValue) -> [FieldProblem] {
        guard values["technology"]?.string == "prohibited" else { return [] }
        return [
            FieldProblem(
                field: "technology", code: "compliance.prohibited",
                message: Bilingual("禁止出口的技术不得向境外提供", "Prohibited technology may not go abroad"),
                basis: Bilingual("中华人民共和国技术进出口管理条例", "Regulation on Import and Export of Technology"))
        ]
    }
}

/// Reads and writes flags.
enum FlagStore {
    static let migrations = Migrations(
        room: "cooperation",
        steps: [
            Migration(
                id: "2026-11-26-cooperation-flags",
                statements: [
                    """
                    CREATE TABLE cooperation_flag (
                        case_id TEXT NOT NULL REFERENCES case_file (id), kind TEXT NOT NULL,
                        state TEXT NOT NULL CONSTRAINT cooperation_flag_state_check
                            CHECK (state IN ('open', 'answered', 'cleared')),
                        question_zh TEXT NOT NULL, question_en TEXT NOT NULL, answer TEXT NOT NULL,
                        document TEXT NOT NULL, raised_at BIGINT NOT NULL, PRIMARY KEY (case_id, kind)
                    ) \(SQL.strict)
                    """,
                    // A warning of an agreement's end is given once for each of its days before that end.
                    """
                    CREATE TABLE cooperation_warning (
                        entry TEXT NOT NULL, ends_on TEXT NOT NULL, days BIGINT NOT NULL, sent_at BIGINT NOT NULL,
                        PRIMARY KEY (entry, ends_on, days)
                    ) \(SQL.strict)
                    """,
                ])
        ])

    static func list(of id: ID<CaseFile>, _ tx: Tx) throws -> [Flag] {
        try tx.rows("SELECT * FROM cooperation_flag WHERE case_id = \(id) ORDER BY kind", Flag.init(row:))
    }

    /// Raises a flag; one of its kind that was cleared is open again.
    static func raise(_ flag: Flag, of id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO cooperation_flag (case_id, kind, state, question_zh, question_en, answer, document, raised_at)
            VALUES (\(id), \(flag.kind), 'open', \(flag.question.zh), \(flag.question.en), '', '', \(now))
            ON CONFLICT (case_id, kind) DO UPDATE SET state = 'open', question_zh = excluded.question_zh,
                question_en = excluded.question_en
            """)
    }

    static func answer(_ kind: Flag.Kind, _ answer: String, _ document: String, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE cooperation_flag SET state = 'answered', answer = \(answer), document = \(document)
            WHERE case_id = \(id) AND kind = \(kind)
            """)
    }

    static func move(_ from: Flag.State, to state: Flag.State, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE cooperation_flag SET state = \(state) WHERE case_id = \(id) AND state = \(from)")
    }

    /// Takes flags away that a corrected form no longer raises and that nobody answered yet.
    static func drop(except kinds: [Flag.Kind], of id: ID<CaseFile>, _ tx: Tx) throws {
        for flag in try list(of: id, tx) where flag.state == .open && !kinds.contains(flag.kind) {
            try tx.run("DELETE FROM cooperation_flag WHERE case_id = \(id) AND kind = \(flag.kind)")
        }
    }
}
