import Kernel
import Portal
import Review

/// How an assignment is shown: its proof, what is short, and who goes with what.
enum AssignmentView {
    /// Names for identities.
    struct Names: Sendable {
        let items: [ApplicationID: String]
        let experts: [ID<Expert>: String]
    }

    /// Millionths as a decimal with three digits, half up.
    static func decimal(_ millionths: Int64) -> String {
        let thousandths = (millionths + (millionths < 0 ? -500 : 500)) / 1_000
        let rest = String(abs(thousandths) % 1_000 + 1_000).dropFirst()
        return "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1_000).\(rest)"
    }

    static func proof(_ outcome: AssignmentProtocol, _ t: Say) -> HTML {
        let proof = outcome.proof
        var facts: [(String, HTML)] = [
            (t("分配方式", "Mode"), HTML(text: t(outcome.plan.options.mode.title))),
            (t("总匹配度", "Total affinity"), HTML(text: decimal(proof.total))),
            (t("最弱一项的匹配度", "Affinity of the worst-off application"), HTML(text: decimal(proof.worst))),
        ]
        if let best = proof.bestTotal, let bound = proof.worstBound {
            facts.append((t("不顾公平时的总匹配度", "Total without regard to fairness"), HTML(text: decimal(best))))
            facts.append((t("最弱一项至多能达到", "The worst-off could have at most"), HTML(text: decimal(bound))))
        }
        if let expected = proof.expected.flatMap({ Int64($0) }), let parts = proof.parts, parts > 0 {
            facts.append((t("平均总匹配度", "Mean total affinity"), HTML(text: decimal(expected / parts))))
        }
        let proved = t("证明：取值等于任何分配都不能超过的上界", "Proved: the value equals a bound that no assignment exceeds")
        let open = t("未证明：与上界的差距如下", "Not proved; the distance to the bound is shown")
        facts.append(
            (
                t("最优性证明", "Proof"),
                "\(Parts.badge(proof.isProved ? proved : open, proof.isProved ? .good : .warning)) <code>\(proof.value) / \(proof.bound)</code>"
            ))
        return Parts.facts(facts)
    }

    /// What could not be filled, and the cheapest ways out; nothing where everything is filled.
    static func shortages(_ outcome: AssignmentProtocol, _ names: Names, _ t: Say) -> HTML {
        guard !outcome.shortages.isEmpty else { return .empty }
        let items = HTML(each: outcome.shortages) { short in
            """
            <li>\(what(short, names, t))\(if: !short.ways.isEmpty, "<ul>\(HTML(each: short.ways) { "<li>\(way($0, names, t))</li>" })</ul>")</li>
            """
        }
        return Parts.notice(
            .warning, t("还有 \(outcome.missing) 个评审席位无法安排", "\(counted(outcome.missing, "seat")) cannot be filled"),
            "<ul>\(items)</ul>")
    }

    private static func what(_ short: AssignmentProtocol.Short, _ names: Names, _ t: Say) -> String {
        let list = short.items.map { names.items[$0] ?? "" }.joined(separator: t("、", ", "))
        if short.kind == "seats" {
            return t(
                "以下申请共缺 \(short.missing) 位专家：\(list)",
                "\(counted(short.missing, "expert is", "experts are")) missing for: \(list)")
        }
        if short.kind == "outside" {
            return t(
                "外市专家缺 \(short.missing) 位：\(list)",
                "\(counted(short.missing, "expert from another city is", "experts from another city are")) missing: \(list)"
            )
        }
        return t(
            "有 \(short.missing) 项最低要求达不到：\(list)",
            "\(counted(short.missing, "minimum is", "minima are")) missed: \(list)")
    }

    private static func way(_ way: AssignmentProtocol.Way, _ names: Names, _ t: Say) -> String {
        let gain = decimal(way.gain)
        switch way.limit {
        case "load":
            let name = way.expert.flatMap { names.experts[$0] } ?? ""
            return t("让 \(name) 多评一项（总匹配度 +\(gain)）", "Give \(name) one more application (total +\(gain))")
        case "outside", "employer":
            let item = way.item.flatMap { names.items[$0] } ?? ""
            return t("放宽 \(item) 的单位限制（+\(gain)）", "Relax the limit on employers for \(item) (+\(gain))")
        default:
            let item = way.item.flatMap { names.items[$0] } ?? ""
            return t("为 \(item) 增加可评专家（+\(gain)）", "Find more experts who may judge \(item) (+\(gain))")
        }
    }

    static func experts(
        _ result: AssignmentProtocol.Result, _ pairs: [ExplainedPair], _ names: Names, _ t: Say
    ) -> HTML {
        let list = HTML(each: pairs) { pair in
            let terms =
                pair.terms.isEmpty
                ? t("没有共同用词", "no term in common") : pair.terms.joined(separator: t("、", ", "))
            return """
                <li>\(names.experts[pair.expert] ?? "") <strong>\(decimal(Int64(pair.affinity)))</strong> <span class="hint">\(terms)</span></li>
                """
        }
        let missing: HTML =
            result.missing > 0 ? Parts.badge(t("缺 \(result.missing) 位", "\(result.missing) missing"), .bad) : .empty
        return "<ul class=\"plain\">\(list)</ul>\(missing)"
    }
}
