import Kernel
import Portal
import Store

/// What the case page of drafting shows: where the text stands, and the ways to its pages.
enum NormPanel {
    static func panel(_ house: House) -> CasePanel {
        { file, _, t, _, tx in
            guard let norm = try NormStore.find(file.id, tx) else { return .empty }
            let latest = try NormStore.latest(of: file.id, tx)
            let item = try ConsultationStore.find(file.id, round: norm.round, tx)
            let counts = try ConsultationStore.counts(of: file.id, round: norm.round, tx)
            let opinions = try OpinionStore.list(of: file.id, session: norm.session, tx)
            let base = "/desk/strategy/norms/\(file.id.text)"
            func link(_ path: String, _ title: String) -> HTML {
                "<a href=\"\(base)/\(path)\">\(title)</a>"
            }
            let version = latest.map { t("第 \($0.version) 版", "Version \($0.version)") }
            var facts: [(String, HTML)] = [
                (t("文本", "Text"), link("versions", version ?? t("起草文本", "Write the text")))
            ]
            if (latest?.version ?? 0) > 1 {
                facts.append((t("比较", "Comparison"), link("compare", t("与上一版比较", "With the version before"))))
            }
            if let item {
                facts.append(
                    (
                        t("征求意见", "Consultation"),
                        "<a href=\"/consultations/\(norm.number)\">\(t("第 \(item.round) 轮", "Round \(item.round)"))</a> \(item.opensOn.text(t.language)) – \(item.closesOn.text(t.language))"
                    ))
                facts.append(
                    (
                        t("意见", "Comments"),
                        link(
                            "comments",
                            t("\(counts.all) 条，待答复 \(counts.open) 条", "\(counts.all), of which \(counts.open) open"))
                    ))
            }
            if norm.session > 0 {
                facts.append(
                    (t("集体讨论", "Discussion"), link("meeting", t("\(opinions.count) 人发言", "\(opinions.count) spoke"))))
            }
            return Parts.card(t("起草进程", "The text"), Parts.facts(facts))
        }
    }
}
