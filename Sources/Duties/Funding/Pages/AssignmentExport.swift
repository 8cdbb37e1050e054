import Kernel
import Portal
import Review
import Store

/// The assignments of a round as a file, with what each expert declared before the application was opened to them.
struct AssignmentExport: Sendable {
    let house: House

    init(_ house: House) { self.house = house }

    private struct Row: Sendable {
        let assignment: Assignment
        let declaration: Declaration
        let number: String
        let expert: Expert?
    }

    /// What an expert declared, and what came of it. Nobody is said to have declared what the bureau found.
    private static func words(_ row: Row) -> Bilingual {
        switch (row.assignment.state, row.declaration) {
        case (_, .conflict): Bilingual("声明有利害关系，回避", "declared a conflict, recused")
        case (.recused, _): Bilingual("据登记的情况回避", "recused by what the bureau knows")
        case (.replaced, .noConflict): Bilingual("声明无利害关系，后更换", "declared no conflict, then replaced")
        case (.replaced, .nothing): Bilingual("未声明，已更换", "not declared, replaced")
        case (.accepted, _), (.submitted, _): Bilingual("声明无利害关系", "declared no conflict")
        case (.declined, _): Bilingual("谢绝", "declined")
        case (.invited, _): Bilingual("尚未声明", "not yet declared")
        }
    }

    private static func columns(_ language: Language) -> [ExportColumn<Row>] {
        [
            ExportColumn(Bilingual("申请", "Application"), text: \.number),
            ExportColumn(Bilingual("专家", "Expert"), text: { $0.expert?.name ?? "" }),
            ExportColumn(Bilingual("单位", "Employer"), text: { $0.expert?.organisationName ?? "" }),
            ExportColumn(Bilingual("状态", "State"), text: { $0.assignment.state.title[language] }),
            ExportColumn(Bilingual("利害关系声明", "Declaration"), text: { words($0)[language] }),
            ExportColumn(Bilingual("说明", "Reason"), text: { $0.assignment.why?[language] ?? "" }),
            ExportColumn(Bilingual("期限", "Due")) { .day($0.assignment.dueOn) },
            ExportColumn(Bilingual("总分", "Total"), text: { $0.assignment.total.map(ApplicationPanel.points) ?? "" }),
        ]
    }

    /// The file that a visitor asks for; nil where the page is asked for.
    func file(_ visit: Visit) throws -> Answer? {
        let id: ID<Call> = try visit.id("id")
        let db = house.db
        return try visit.export(Bilingual("评审任务", "Assignments"), AssignmentExport.columns(visit.language)) {
            last, limit in
            try await db.read { tx in
                guard let round = try RoundStore.find(subject: id.text, tx) else { return [] }
                let after = last.map { ($0.assignment.item.text, $0.assignment.id.text) }
                let page = try RoundStore.assignments(round.id, after: after, limit: limit, tx)
                let experts = try ExpertStore.all(Array(Set(page.map(\.expert))), tx)
                let applications = try ApplicationStore.all(Array(Set(page.map(\.item))), tx)
                let declarations = try Declaration.of(page, tx)
                return page.map {
                    Row(
                        assignment: $0, declaration: declarations[$0.id] ?? .nothing,
                        number: applications[$0.item]?.number ?? "", expert: experts[$0.expert])
                }
            }
        }
    }
}
