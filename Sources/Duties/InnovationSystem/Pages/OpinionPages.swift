import Kernel
import Portal
import Store

/// The one sheet of all departments' opinions with the bureau's answers, on the case page and to be printed.
struct OpinionPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "innovation.opinions.sheet", .get, "/desk/innovation/opinions/{id}",
                access: .roles([.officer, .leader, .auditor]), summary: Bilingual("意见汇总表", "Sheet of opinions"),
                handler: sheet)
        ]
    }

    /// The sheet on the case page.
    static let panel: CasePanel = { file, _, t, _, tx in
        let answers = try CaseStore.answers(file.id, tx).content
        let replies = try OpinionReply.list(file.id, tx)
        return Parts.card(
            t("意见汇总表", "Sheet of opinions"),
            """
            \(table(OpinionHooks.departments(answers), replies, t))\
            <p><a href="/desk/innovation/opinions/\(file.id.text)">\(t("打印汇总表", "Print the sheet"))</a></p>
            """)
    }

    private func sheet(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (file, answers, replies) = try await house.db.read { tx in
            (try CaseStore.require(id, tx), try CaseStore.answers(id, tx).content, try OpinionReply.list(id, tx))
        }
        guard file.procedure == "innovation.opinion" else { throw ProcedureError.unknownCase }
        let body: HTML = """
            <h1>\(t("意见汇总表", "Sheet of opinions"))</h1><p>\(file.number) · \(answers["title"]?.string ?? "")</p>\
            \(Self.table(OpinionHooks.departments(answers), replies, t))
            """
        return .page(
            Page(
                title: Bilingual("意见汇总表", "Sheet of opinions"),
                trail: [
                    Crumb(Bilingual("创新体系", "Innovation system"), "/desk/rooms/innovation"),
                    Crumb(file.title, "/cases/\(id.text)"),
                ], width: .desk, body: body))
    }

    /// One line for each department that was asked, answered or not.
    static func table(_ departments: [String], _ replies: [OpinionReply], _ t: Say) -> HTML {
        let rows = departments.map { department -> [HTML] in
            guard let reply = replies.first(where: { $0.department == department }) else {
                return [
                    "—", HTML(text: department), Parts.badge(t("未回复", "No answer yet"), .warning), "—", "—", "—", "—",
                ]
            }
            return [
                HTML(text: String(reply.ordinal)), HTML(text: department),
                Parts.badge(
                    t(OpinionReply.stanceTitle(reply.stance)),
                    reply.stance == "object" ? .bad : reply.stance == "amend" ? .warning : .good),
                Parts.paragraphs(reply.words), HTML(text: "\(reply.letter) \(reply.receivedOn.text(t.language))"),
                reply.taken.map { HTML(text: t(OpinionReply.takenTitle($0))) }
                    ?? (reply.needsAnswer ? Parts.badge(t("待说明", "To be answered"), .warning) : "—"),
                Parts.paragraphs(reply.answer ?? ""),
            ]
        }
        return Parts.table(
            t("各部门意见", "Opinions of departments"),
            [
                .init(t("序号", "No.")), .init(t("部门", "Department")), .init(t("态度", "Stance")),
                .init(t("意见", "Opinion")),
                .init(t("来函", "Letter")), .init(t("采纳情况", "Taken")), .init(t("说明", "Answer")),
            ], rows, empty: "<p>\(t("尚未列出征求意见的部门。", "No departments are named yet."))</p>")
    }
}
