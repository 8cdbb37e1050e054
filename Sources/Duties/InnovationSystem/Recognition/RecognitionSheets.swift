import Kernel
import Review
import Store

/// One expert's sheet on one enterprise.
struct RecognitionSheet: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case technical, finance

        var title: Bilingual {
            switch self {
            case .technical: Bilingual("技术专家", "Technical expert")
            case .finance: Bilingual("财务专家", "Finance expert")
            }
        }
    }

    let caseID: ID<CaseFile>
    let account: ID<Account>
    let name: String
    let kind: Kind
    /// Nil until it is handed in.
    let points: [ScoreItem: Int]?
    let opinion: String

    init(row: Row) throws {
        caseID = try row["case_id"]
        account = try row["account"]
        name = try row["name"]
        kind = Kind(rawValue: try row["kind"]) ?? .technical
        let content: JSONValue? = try row["points"]
        points = content?.object.map { members in
            Dictionary(
                members.compactMap { name, value in
                    ScoreItem.allCases.first { $0.field == name }.flatMap { item in
                        value.integer.map { (item, Int($0)) }
                    }
                }, uniquingKeysWith: { first, _ in first })
        }
        opinion = try row["opinion"]
    }

    static func list(_ id: ID<CaseFile>, _ tx: Tx) throws -> [RecognitionSheet] {
        try tx.rows(
            "SELECT * FROM recognition_sheet WHERE case_id = \(id) ORDER BY name, account", RecognitionSheet.init(row:))
    }

    /// Sheets of an expert with their cases, those still to fill in first.
    static func list(
        of account: ID<Account>, limit: Int, _ tx: Tx
    ) throws -> [(sheet: RecognitionSheet, file: CaseFile)] {
        try tx.rows(
            """
            SELECT c.*, s.case_id, s.account, s.name, s.kind, s.points, s.opinion FROM recognition_sheet s
            JOIN case_file c ON c.id = s.case_id WHERE s.account = \(account)
            ORDER BY CASE WHEN s.points IS NULL THEN 0 ELSE 1 END, s.case_id DESC LIMIT \(limit)
            """
        ) { (try RecognitionSheet(row: $0), try CaseFile(stored: $0)) }
    }
}

/// Whether a panel is large and mixed enough, and what its sheets come to.
enum RecognitionPanel {
    /// - Throws: ``RuleBookError`` where the law of the day has no numbers for it.
    static func problems(_ kinds: [RecognitionSheet.Kind], _ law: Law) throws -> [FieldProblem] {
        let least = try law.number("recognition.panel.experts")
        let technical = try law.number("recognition.panel.technical")
        let finance = try law.number("recognition.panel.finance")
        var found: [FieldProblem] = []
        func add(_ code: String, _ zh: String, _ en: String, _ reference: LawReference) {
            found.append(
                FieldProblem(
                    field: "", code: "recognition.panel.\(code)", message: Bilingual(zh, en),
                    basis: reference.source.cited))
        }
        let count = Int64(kinds.count)
        if count < least.value {
            add(
                "few", "专家不少于 \(least.value) 人，现有 \(count) 人",
                "At least \(counted(least.value, "expert is", "experts are")) needed, there are \(count)",
                least.reference)
        }
        let engineers = Int64(kinds.filter { $0 == .technical }.count)
        if engineers * 1_000 < technical.value * count {
            add(
                "technical", "技术专家占比不低于 \(technical.value / 10)%",
                "At least \(technical.value / 10) per cent must be technical experts",
                technical.reference)
        }
        if count - engineers < finance.value {
            add(
                "finance", "至少 \(finance.value) 名财务专家",
                "At least \(counted(finance.value, "finance expert is", "finance experts are")) needed",
                finance.reference)
        }
        return found
    }

    /// The mean of each item over the sheets, in whole points rounded half up.
    static func means(_ sheets: [[ScoreItem: Int]]) -> [ScoreItem: Int] {
        var means: [ScoreItem: Int] = [:]
        guard !sheets.isEmpty else { return means }
        for item in ScoreItem.allCases {
            let sum = sheets.compactMap { $0[item] }.reduce(0, +)
            means[item] = (sum * 2 + sheets.count) / (sheets.count * 2)
        }
        return means
    }
}

/// Names the panel of an enterprise and takes the sheets in.
struct RecognitionActions: Sendable {
    let house: House

    /// Names the experts, who are of the pool, may get new work and are in no conflict with the enterprise; those who
    /// have handed in a sheet stay.
    /// - Throws: ``ProcedureError/refused(_:)`` with everything wrong.
    func name(
        _ panel: [(account: ID<Account>, kind: RecognitionSheet.Kind)], of id: ID<CaseFile>, by actor: Actor
    )
        async throws
    {
        let (now, law) = (house.clock.now(), house.city.rules.law(on: house.today))
        try await house.db.write { tx in
            let file = try CaseStore.require(id, tx)
            guard file.procedure == "innovation.recognition", file.step == "review", Policy.handles(actor, file) else {
                throw ProcedureError.notYours
            }
            let accounts = Set(panel.map(\.account))
            let experts = try ExpertStore.find(accounts: Array(accounts), tx)
            let kinds = Dictionary(panel.map { ($0.account, $0.kind) }, uniquingKeysWith: { first, _ in first })
            var problems = try RecognitionPanel.problems(panel.map(\.kind), law)
            if experts.count != accounts.count || panel.count != accounts.count {
                problems.append(
                    FieldProblem(
                        field: "", code: "recognition.panel.unknown",
                        message: Bilingual("请从专家库中选择，每人一次", "Choose experts of the pool, each once")))
            }
            problems += try unfit(experts, kinds, file, tx)
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            try tx.run("DELETE FROM recognition_sheet WHERE case_id = \(id) AND points IS NULL")
            for expert in experts {
                let kind = kinds[expert.account] ?? .technical
                try tx.run(
                    """
                    INSERT INTO recognition_sheet (case_id, account, name, kind, opinion)
                    VALUES (\(id), \(expert.account), \(expert.name), \(kind.rawValue), '')
                    ON CONFLICT (case_id, account) DO NOTHING
                    """)
                try Messages.tell(
                    expert.account, Bilingual("请评审高新技术企业", "Please review an enterprise"), file.title,
                    at: "/innovation/recognition/\(id.text)", now: now, tx)
            }
            try Record.append(
                Event(
                    room: "innovation", kind: "recognition.panel", subjectKind: "case", subject: id.text, caseID: id,
                    actor: actor, at: now, content: ["experts": .integer(Int64(experts.count))]), tx)
        }
    }

    /// Who may not be named, at the field of the kind: as on every panel. Who has a sheet already ends what is in hand.
    private func unfit(
        _ experts: [Expert], _ kinds: [ID<Account>: RecognitionSheet.Kind], _ file: CaseFile, _ tx: Tx
    ) throws -> [FieldProblem] {
        let today = house.today
        let windows = ConflictWindows.known(house.city.rules, on: today)
        let named = Set(try RecognitionSheet.list(file.id, tx).map(\.account))
        return try RecognitionSheet.Kind.allCases.flatMap { kind -> [FieldProblem] in
            let part = experts.filter { kinds[$0.account] == kind }
            let new = part.filter { !named.contains($0.account) }
            return try PanelConflicts.obstacles(new, on: today, at: kind.rawValue)
                + PanelConflicts.problems(part, file, on: today, windows, at: kind.rawValue, tx)
        }
    }

    /// Takes an expert's sheet, once, with every item inside its band.
    func fill(_ id: ID<CaseFile>, _ points: [ScoreItem: Int], opinion: String, by actor: Actor) async throws {
        let (now, law) = (house.clock.now(), house.city.rules.law(on: house.today))
        guard let account = actor.account else { throw ProcedureError.unknownCase }
        try await house.db.write { tx in
            let file = try CaseStore.require(id, tx)
            let sheets = try RecognitionSheet.list(id, tx)
            guard let sheet = sheets.first(where: { $0.account == account }) else { throw ProcedureError.unknownCase }
            guard file.step == "review", sheet.points == nil else { throw ProcedureError.notYours }
            let bands = try ScoreBands(RecognitionAnswers(values: try CaseValues.all(of: id, tx)), law: law)
            var problems = bands.problems(points)
            if opinion.allSatisfy(\.isWhitespace) || opinion.count > 1_000 {
                problems.append(
                    FieldProblem(
                        field: "opinion", code: "field.required",
                        message: Bilingual("请写评审意见（不超过 1000 字）", "Give your opinion, in at most 1,000 characters")))
            }
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            let content = JSONValue.object(
                Dictionary(
                    points.map { ($0.key.field, .integer(Int64($0.value))) }, uniquingKeysWith: { first, _ in first }))
            try tx.run(
                """
                UPDATE recognition_sheet SET points = \(content), opinion = \(opinion), filled_at = \(now)
                WHERE case_id = \(id) AND account = \(account)
                """)
            try Record.append(
                Event(
                    room: "innovation", kind: "recognition.sheet", subjectKind: "case", subject: id.text, caseID: id,
                    actor: actor, at: now, content: ["points": content]), tx)
        }
    }
}
