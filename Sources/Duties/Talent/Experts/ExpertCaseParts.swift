import Kernel
import Portal
import Store

/// How requests, complaints and notices are shown in lists and on their case page.
enum ExpertCaseParts {
    static func table(
        _ cases: [(row: ExpertCase, file: CaseFile)], _ house: House, _ t: Say, empty: String
    ) -> HTML {
        let rows = cases.map { item -> [HTML] in
            let step = (try? house.procedures.step(of: item.file)).map { t($0.title) } ?? ""
            return [
                "<a href=\"/cases/\(item.file.id.text)\">\(item.file.number)</a>", HTML(text: t(item.row.kind.title)),
                HTML(text: t(ExpertTopic.title(item.row.kind, item.row.topic))),
                HTML(text: item.row.filedOn.text(t.language)),
                Parts.badge(step, item.row.state == "open" ? .info : .neutral),
                HTML(text: item.file.dueOn?.text(t.language) ?? "—"),
            ]
        }
        return Parts.table(
            t("办件", "Cases"),
            [
                .init(t("编号", "Number")), .init(t("种类", "Kind")), .init(t("事由", "About")), .init(t("提出", "Filed")),
                .init(t("环节", "Step")), .init(t("期限", "Due")),
            ], rows, empty: "<p>\(empty)</p>")
    }

    /// The panel of the common case page. Complaints stay masked; whoever handles them says why they read them.
    static func panel(_ house: House) -> CasePanel {
        let vault = house.vault
        return { file, actor, t, _, tx in
            guard let row = try ExpertCaseStore.find(file.id, tx) else { return .empty }
            let expert = try row.expert.flatMap { try ForeignExpertStore.find($0, tx) }
            var facts: [(String, HTML)] = [
                (t("事由", "About"), HTML(text: t(ExpertTopic.title(row.kind, row.topic)))),
                (t("外国专家", "Expert"), name(expert, actor)),
            ]
            let answers = try CaseStore.answers(file.id, tx).content
            if let day = answers["day"]?.string, !day.isEmpty { facts.append((t("日期", "Day"), HTML(text: day))) }
            if let text = answers["text"]?.string, !text.isEmpty {
                facts.append((t("说明", "Text"), Parts.paragraphs(text)))
            }
            if row.kind == .complaint, let expert {
                for content in try Personal.list(of: expert.person, tx) where content.caseID == file.id {
                    facts.append((t("投诉内容", "Complaint"), try sealed(content, expert, actor, vault, t)))
                }
            }
            return Parts.card(t(row.kind.title), Parts.facts(facts))
        }
    }

    private static func sealed(
        _ content: PersonalContent, _ expert: ForeignExpert, _ actor: Actor, _ vault: Vault, _ t: Say
    ) throws -> HTML {
        let masked = try content.masked(vault)
        guard content.erasedAt == nil, Policy.may(actor, .lookAtPrivateContent) || actor.person == expert.person else {
            return HTML(text: masked)
        }
        return "\(masked) <a href=\"/privacy/contents/\(content.id.text)\">\(t("查看投诉内容", "Read the complaint"))</a>"
    }

    private static func name(_ expert: ForeignExpert?, _ actor: Actor) -> HTML {
        guard let expert else { return "—" }
        return Policy.may(actor, .seeTalentDesk)
            ? "<a href=\"/desk/talent/experts/\(expert.id.text)\">\(expert.name)</a>" : HTML(text: expert.name)
    }
}
