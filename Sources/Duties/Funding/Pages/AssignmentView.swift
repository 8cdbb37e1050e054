import Kernel
import Portal
import Review

/// How an assignment is shown: its proof, what is short, and who goes with what.
enum AssignmentView {
    /// Names for identities.
    struct Names: Sendable {
        let items: [ApplicationID: String]
        let experts: [ID<Expert>: Bilingual]
        let home: HomeCity

        func group(_ line: Int, of options: AssignmentOptions) -> Bilingual {
            options.quotas.indices.contains(line)
                ? AssignmentView.title(options.quotas[line].group, home) : Bilingual("", "")
        }
    }

    /// What a group of experts is called.
    static func title(_ group: GroupQuota.Group, _ home: HomeCity) -> Bilingual {
        switch group {
        case .anyRegion: Bilingual("同一城市（每个城市）", "Any one city")
        case .region(home.digits): Bilingual("本市（\(home.name.zh)）", "This city, \(home.name.en)")
        case .region(let code): Bilingual("区划 \(code) 的城市", "The city of division \(code)")
        case .ownField: Bilingual("申请自己的学科", "The application's own discipline")
        case .field(let code):
            Bilingual("\(code) \(Disciplines.name(code).zh)", "\(code) \(Disciplines.name(code).en)")
        }
    }

    /// What was asked for, with the reasons for chosen pairs.
    static func conditions(_ options: AssignmentOptions, _ reasons: [PairReason], _ names: Names, _ t: Say) -> HTML {
        var facts: [(String, HTML)] = [
            (t("每项专家数", "Experts for each"), "\(options.seats)"),
            (t("每人最少、最多", "Least and most for one expert"), "\(options.leastLoad) – \(options.load)"),
        ]
        let promises = [
            (options.apart, Bilingual("同一单位的专家不评同一项", "No two experts of one employer on an application")),
            (options.outside, Bilingual("每项至少一位外市专家", "At least one expert from another city on each")),
        ].filter(\.0).map { t($0.1) }
        if !promises.isEmpty {
            facts.append((t("同时满足", "Kept as well"), HTML(text: promises.joined(separator: t("；", "; ")))))
        }
        if options.leastAffinity > 0 {
            facts.append((t("最低匹配度（千分）", "Least affinity, in thousandths"), "\(options.leastAffinity)"))
        }
        if options.mode.isRandom { facts.append((t("概率上限", "Cap of a pair's probability"), "\(options.capPercent)%")) }
        if options.mode == .perturbed {
            facts.append((t("分散强度", "Strength of spreading"), "\(options.strengthPercent)%"))
        }
        for quota in options.quotas {
            facts.append((t("名额：", "Quota: ") + t(title(quota.group, names.home)), HTML(text: bounds(quota, t))))
        }
        for (line, pair) in options.pairs.enumerated() {
            let label = pair.isForced ? t("指定：必须评审", "Chosen: must judge") : t("指定：不得评审", "Chosen: must not judge")
            let two =
                "\(t(names.experts[pair.expert]) ?? pair.expert.text) → \(names.items[pair.item] ?? pair.item.text)"
            let why: HTML =
                reasons.indices.contains(line) ? "<span class=\"hint\">\(reasons[line].reason)</span>" : .empty
            facts.append((label, "\(two) \(why)"))
        }
        return Parts.facts(facts)
    }

    private static func bounds(_ quota: GroupQuota, _ t: Say) -> String {
        let least = quota.least > 0 ? t("至少 \(quota.least) 位", "at least \(quota.least)") : nil
        let most = quota.most.map { t("至多 \($0) 位", "at most \($0)") }
        return [least, most].compactMap(\.self).joined(separator: t("，", ", "))
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
        let options = outcome.plan.options
        let items = HTML(each: outcome.shortages) { short in
            """
            <li>\(what(short, options, names, t))\(if: !short.ways.isEmpty, "<ul>\(HTML(each: short.ways) { "<li>\(way($0, options, names, t))</li>" })</ul>")</li>
            """
        }
        let title =
            outcome.missing > 0
            ? t("还有 \(outcome.missing) 个评审席位无法安排", "\(counted(outcome.missing, "seat")) cannot be filled")
            : t("有的要求无法满足", "Not everything asked for can be kept")
        return Parts.notice(.warning, title, "<ul>\(items)</ul>")
    }

    private static func what(
        _ short: AssignmentProtocol.Short, _ options: AssignmentOptions, _ names: Names, _ t: Say
    ) -> String {
        let list = short.items.map { names.items[$0] ?? "" }.joined(separator: t("、", ", "))
        if let line = short.line {
            let group = names.group(line, of: options)
            return t(
                "名额“\(group.zh)”缺 \(short.missing) 位：\(list)",
                "\(counted(short.missing, "expert of “\(group.en)” is", "experts of “\(group.en)” are")) missing on: \(list)"
            )
        }
        if short.kind == "seats" {
            let held = short.heldBy.map { t(names.group($0, of: options)) }.joined(separator: t("、", ", "))
            let why = held.isEmpty ? "" : t("（受限于名额：\(held)）", " (held back by the quota: \(held))")
            return t(
                "以下申请共缺 \(short.missing) 位专家：\(list)\(why)",
                "\(counted(short.missing, "expert is", "experts are")) missing for: \(list)\(why)")
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

    private static func way(
        _ way: AssignmentProtocol.Way, _ options: AssignmentOptions, _ names: Names, _ t: Say
    ) -> String {
        // Spread probabilities count in weights of their own, which say nothing to a reader.
        let gain = decimal(way.gain)
        let worth = options.mode == .perturbed ? "" : t("（总匹配度 +\(gain)）", " (total +\(gain))")
        let item = way.item.flatMap { names.items[$0] } ?? ""
        if let line = way.line {
            let group = names.group(line, of: options)
            return t("放宽 \(item) 的名额“\(group.zh)”\(worth)", "Relax the quota “\(group.en)” for \(item)\(worth)")
        }
        switch way.limit {
        case "load":
            let name = way.expert.flatMap { names.experts[$0] } ?? Bilingual("", "")
            return t("让 \(name.zh) 多评一项\(worth)", "Give \(name.en) one more application\(worth)")
        case "outside", "employer":
            return t("放宽 \(item) 的单位限制\(worth)", "Relax the limit on employers for \(item)\(worth)")
        default:
            return t("为 \(item) 增加可评专家\(worth)", "Find more experts who may judge \(item)\(worth)")
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
                <li>\(t(names.experts[pair.expert]) ?? "") <strong>\(decimal(Int64(pair.affinity)))</strong> <span class="hint">\(terms)</span></li>
                """
        }
        let missing: HTML =
            result.missing > 0 ? Parts.badge(t("缺 \(result.missing) 位", "\(result.missing) missing"), .bad) : .empty
        return "<ul class=\"plain\">\(list)</ul>\(missing)"
    }
}
