import Judgement
public import Kernel
public import Store

/// What the house asks about sheets that are in. Each is a question to the officer and no verdict.
public enum SheetCheck {
    /// Letters and digits that must be left of a comment when its praise is taken away.
    static let leastSubstance = 12
    /// Weighted totals, in thousandths of a point, that go with a verdict or a comment of the other kind.
    static let high = 80_000
    static let low = 60_000
    /// Equal tokens in a row that make a copied passage of a comment.
    static let copied = 24
    /// Similarity from which two comments are one text.
    static let similarity = 0.6

    /// A kind of question with its definition, as the officer reads it.
    public struct Kind: Hashable, Sendable {
        public let id: String
        public let title: Bilingual
        public let definition: Bilingual
    }

    public static let kinds: [Kind] = [
        Kind(
            id: "sheet.empty", title: Bilingual("意见空泛", "Empty praise or blame"),
            definition: Bilingual(
                "去掉套话（如“选题新颖”“方案可行”“建议资助”）后，意见剩下的文字不足 \(leastSubstance) 字。",
                "When stock phrases are taken away, fewer than \(leastSubstance) letters of the comment are left.")),
        Kind(
            id: "sheet.copied", title: Bilingual("意见雷同", "Copied comment"),
            definition: Bilingual(
                "意见与同一轮另一份评审表有 \(copied) 个以上连续相同的字，或六成以上相同；套话相同不算。",
                "The comment shares \(copied) tokens in a row, or three fifths of all, with another sheet of the round; stock phrases do not count."
            )),
        Kind(
            id: "sheet.contrary", title: Bilingual("分数与意见不符", "Scores against words"),
            definition: Bilingual(
                "总分在 80 分以上而总体意见或文字否定，或总分在 60 分以下而总体意见或文字肯定。",
                "A total of 80 and more with a verdict or words against, or below 60 with a verdict or words in favour."
            )),
        Kind(
            id: "sheet.late", title: Bilingual("逾期提交", "Late"),
            definition: Bilingual("评审表在截止日之后提交。", "The sheet came after its due day.")),
    ]

    public static func kind(_ id: String) -> Kind? { kinds.first { $0.id == id } }

    static let praise = [
        "选题新颖", "选题有新意", "有新意", "具有创新性", "创新性强", "创新性较强", "研究意义重大", "意义重大", "有重要意义", "具有重要意义",
        "思路清晰", "技术路线可行", "技术路线合理", "技术路线清晰", "方案可行", "方案合理", "论证充分", "研究基础扎实", "基础扎实", "团队结构合理", "团队实力强",
        "预期成果明确", "有一定意义", "有应用前景", "应用前景广阔", "前景广阔", "同意立项", "同意资助", "建议资助", "建议立项", "优先资助", "予以支持", "建议支持",
        "该项目", "本项目", "该课题", "the project", "is novel", "novel and feasible", "well written", "well organised",
        "well organized", "excellent proposal", "good proposal", "strong team", "clear plan", "feasible",
        "important topic", "recommend funding", "should be funded", "fund it", "very good", "excellent",
    ]
    static let blame = [
        "不予资助", "不建议资助", "不同意立项", "不建议立项", "创新性不足", "缺乏创新", "论证不充分", "论证不足", "方案不可行", "基础薄弱", "研究基础不足",
        "目标不明确", "指标不明确", "重复研究", "意义不大", "预算不合理", "not be funded", "do not fund", "lacks novelty",
        "not feasible", "not convincing", "poorly written", "weak team", "unclear", "no novelty",
    ]

    /// A sheet as the check reads it.
    struct Sheet {
        let id: ID<Assignment>
        let item: ID<CaseFile>
        let expert: ID<Expert>
        let total: Int
        let verdict: String
        let comment: String
        let dueOn: Day
        let submittedOn: Day
    }

    /// All that is said of sheets of one round.
    static func questions(_ sheets: [Sheet], _ verdicts: [FormOption]) -> [QuestionDraft] {
        sheets.flatMap { alone($0, verdicts) } + copies(sheets)
    }

    /// What one sheet shows by itself.
    static func alone(_ sheet: Sheet, _ verdicts: [FormOption]) -> [QuestionDraft] {
        var found: [QuestionDraft] = []
        let rest = substance(sheet.comment)
        if rest < leastSubstance {
            found.append(
                QuestionDraft(
                    "sheet.empty", sheet.id.text,
                    Bilingual(
                        "去掉套话后只剩 \(rest) 字", "\(counted(rest, "letter is", "letters are")) left without stock phrases"),
                    figures: ["left": .integer(Int64(rest))]))
        }
        let tone = tone(sheet.comment) + verdict(sheet.verdict, verdicts)
        let points = "\(sheet.total / 1_000)"
        if sheet.total >= high, tone < 0 {
            found.append(
                QuestionDraft(
                    "sheet.contrary", sheet.id.text,
                    Bilingual("总分 \(points)，而意见偏否定", "A total of \(points), with words against"),
                    figures: ["total": .integer(Int64(sheet.total)), "tone": .integer(Int64(tone))]))
        } else if sheet.total < low, tone > 0 {
            found.append(
                QuestionDraft(
                    "sheet.contrary", sheet.id.text,
                    Bilingual("总分 \(points)，而意见偏肯定", "A total of \(points), with words in favour"),
                    figures: ["total": .integer(Int64(sheet.total)), "tone": .integer(Int64(tone))]))
        }
        let days = sheet.submittedOn.number - sheet.dueOn.number
        if days > 0 {
            found.append(
                QuestionDraft(
                    "sheet.late", sheet.id.text, Bilingual("逾期 \(days) 天", "\(counted(days, "day")) late"),
                    figures: ["days": .integer(Int64(days))]))
        }
        return found
    }

    /// Letters and digits of a comment beside its stock phrases.
    static func substance(_ comment: String) -> Int {
        bare(comment).count { $0.isLetter || $0.isNumber }
    }

    /// A comment without its stock phrases; a blank stands for each, so that its rests do not run together.
    static func bare(_ comment: String) -> String {
        var rest = comment.lowercased()
        for phrase in phrases { rest = rest.replacing(phrase, with: " ") }
        return rest
    }

    /// The longest first, so that none is cut by a shorter one in it.
    private static let phrases = (praise + blame).sorted { ($1.count, $0) < ($0.count, $1) }

    /// Above zero where a comment praises more often than it blames.
    static func tone(_ comment: String) -> Int {
        var rest = comment.lowercased()
        var sum = 0
        // Blame first: “not be funded” holds “funded”.
        for (words, sign) in [(blame, -1), (praise, 1)] {
            for phrase in words.sorted(by: { $0.count > $1.count }) where rest.contains(phrase) {
                sum += sign
                rest = rest.replacing(phrase, with: " ")
            }
        }
        return sum.signum()
    }

    /// The first verdict of a sheet is in favour, the last against; what lies between says nothing.
    static func verdict(_ value: String, _ verdicts: [FormOption]) -> Int {
        guard verdicts.count > 1 else { return 0 }
        return value == verdicts.first?.value ? 2 : value == verdicts.last?.value ? -2 : 0
    }

    /// Comments that are each other's copies, told once for each sheet with the one that is most like it.
    static func copies(_ sheets: [Sheet]) -> [QuestionDraft] {
        let kept = sheets.filter { substance($0.comment) >= leastSubstance }
        guard kept.count > 1 else { return [] }
        var finder = DuplicateFinder(
            kept.map { bare($0.comment) },
            DuplicateOptions(threshold: similarity, pasted: copied, shown: leastSubstance))
        var best: [Int: (other: Int, similarity: Double, tokens: Int)] = [:]
        var counts: [Int: Int] = [:]
        for pair in finder.run().pairs {
            let tokens = pair.passages.map(\.tokens).max() ?? 0
            for (own, other) in [(pair.left, pair.right), (pair.right, pair.left)] {
                counts[own, default: 0] += 1
                if best[own].map({ pair.similarity > $0.similarity }) ?? true {
                    best[own] = (other, pair.similarity, tokens)
                }
            }
        }
        return best.sorted { $0.key < $1.key }.map { own, found in
            let other = kept[found.other]
            let same = kept[own].expert == other.expert
            let count = counts[own] ?? 1
            return QuestionDraft(
                "sheet.copied", kept[own].id.text,
                Bilingual(
                    "与\(same ? "同一专家" : "另一专家")的评审表雷同（\(count) 份），连续相同 \(found.tokens) 字",
                    "Like \(counted(count, "sheet")) of \(same ? "the same expert" : "another expert"), \(found.tokens) tokens in a row"
                ),
                figures: [
                    "like": .string(other.id.text), "sheets": .integer(Int64(count)),
                    "similarity": .integer(Int64(found.similarity * 1_000)), "tokens": .integer(Int64(found.tokens)),
                ])
        }
    }
}

extension SheetCheck {
    /// Rounds with sheets that nobody has looked over yet.
    public static func due(limit: Int, _ tx: Tx) throws -> [Round] {
        try tx.rows(
            """
            SELECT r.* FROM review_round r
            JOIN (SELECT round, COUNT(*) AS n FROM review_assignment WHERE state = 'submitted' GROUP BY round) s
                ON s.round = r.id
            LEFT JOIN review_sheet_check c ON c.round = r.id
            WHERE c.sheets IS NULL OR c.sheets <> s.n ORDER BY r.id LIMIT \(limit)
            """, Round.init(row:))
    }

    /// Looks over the sheets of a round and asks what is new.
    /// - Parameter division: whose officers are asked.
    /// - Returns: how many questions are new.
    @discardableResult
    public static func run(
        _ round: Round, division: String, zone: CityZone, at now: Instant, in db: Database
    ) async throws -> Int {
        let sheets = try await db.read { tx in try read(round, zone, tx) }
        let drafts = questions(sheets, round.sheet.verdicts)
        return try await db.write { tx in
            try tx.run(
                """
                INSERT INTO review_sheet_check (round, sheets, checked_at)
                VALUES (\(round.id), \(sheets.count), \(now))
                ON CONFLICT (round) DO UPDATE SET sheets = excluded.sheets, checked_at = excluded.checked_at
                """)
            return try Questions.ask(drafts, .sheets, subject: round.id.text, division: division, at: now, tx)
        }
    }

    private static func read(_ round: Round, _ zone: CityZone, _ tx: Tx) throws -> [Sheet] {
        try tx.rows(
            """
            SELECT id, item, expert, total, verdict, answers, due_on, submitted_at FROM review_assignment
            WHERE round = \(round.id) AND state = 'submitted' ORDER BY item, id
            """
        ) { row in
            let answers: JSONValue = try row["answers"]
            let submitted: Instant = try row["submitted_at"]
            return Sheet(
                id: try row["id"], item: try row["item"], expert: try row["expert"], total: try row["total"],
                verdict: try row["verdict"] ?? "", comment: round.sheet.comments(in: answers),
                dueOn: try row["due_on"], submittedOn: zone.day(of: submitted))
        }
    }
}

extension ScoringSheet {
    /// The names of the fields in which an expert writes.
    var commentFields: [String] { form.fields.filter { $0.kind == .longText || $0.kind == .text }.map(\.name) }

    /// All that an expert wrote, line by line.
    func comments(in answers: JSONValue) -> String {
        commentFields.compactMap { answers[$0]?.string }.joined(separator: "\n")
    }
}
