import Kernel
import Review
import Store

/// The texts of this room that are compared: applications of all years, contracts and acceptance reports of projects,
/// and mid-term reports.
struct DuplicateTexts: ComparedTexts {
    private static let kinds = [
        "funding.application": "application", "funding.project": "project", "funding.midterm": "report",
    ]

    /// How people call a kind of text.
    static func title(_ kind: String) -> Bilingual {
        switch kind {
        case "application": Bilingual("申报书", "Application")
        case "project": Bilingual("项目合同与验收材料", "Contract and acceptance")
        default: Bilingual("中期报告", "Mid-term report")
        }
    }

    func all(after: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [ID<CaseFile>] {
        let edge: SQL = after.map { "AND id > \($0)" } ?? ""
        return try tx.rows(
            """
            SELECT id FROM case_file WHERE procedure IN \(list: DuplicateTexts.kinds.keys.sorted()) AND step <> 'draft'
                \(edge) ORDER BY id LIMIT \(limit)
            """
        ) { try $0["id"] }
    }

    func texts(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ComparedText] {
        try tx.rows(
            """
            SELECT c.id, c.procedure, c.number, c.title_zh, c.title_en, c.division, a.content,
                COALESCE(p.application, q.application, c.id) AS family
            FROM case_file c JOIN case_answers a ON a.case_id = c.id
            LEFT JOIN project p ON p.case_id = c.id LEFT JOIN project q ON q.case_id = c.parent
            WHERE c.id IN \(list: ids) ORDER BY c.id
            """
        ) { row in
            let procedure: String = try row["procedure"]
            return ComparedText(
                caseID: try row["id"], kind: DuplicateTexts.kinds[procedure] ?? "report", family: try row["family"],
                number: try row["number"], title: Bilingual(try row["title_zh"], try row["title_en"]),
                division: try row["division"], text: ComparedText.text(of: try row["content"]))
        }
    }

    /// A hit is a finding of the formal check: the officer settles it like any other, and nothing follows by itself.
    func found(_ count: Int, of text: ComparedText, at now: Instant, _ tx: Tx) throws {
        guard text.kind == "application", let application = try ApplicationStore.find(text.caseID, tx),
            application.step == "formal-check"
        else { return }
        for finding in try DuplicateTexts.findings(of: application, tx) {
            try FindingStore.add(finding, of: text.caseID, at: now, tx)
        }
    }

    /// What the formal check says while nobody has looked at a pair of the application. It names no other application,
    /// because applicants read findings too.
    static func findings(of application: Application, _ tx: Tx) throws -> [FindingDraft] {
        let open = try Questions.list(
            QuestionFilter(.duplicates, subject: application.id.text, isOpen: true), limit: 100, tx)
        guard !open.isEmpty else { return [] }
        return [
            FindingDraft(
                code: "text.similar", field: "",
                message: Bilingual(
                    "系统发现与其他材料有相近文字，由经办人在查重页面核对；相近不等于重复申报。",
                    "The system found text in common with other papers; the officer compares them. Likeness is not yet a duplicate."
                ),
                basis: Bilingual("申报指南：同一内容不得重复申报", "Call: the same content may not be filed twice"))
        ]
    }
}
