import Kernel
import Portal
import Review

/// The fields in which conditions of an assignment are typed.
extension AssignmentForm {
    /// All of them, sent with GET: looking at what would come out changes nothing.
    func card(_ model: CallPlan, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let modes = AssignmentMode.allCases.filter { $0 != .draw }.map { (value: $0.rawValue, title: t($0.title)) }
        func problem(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let whole = HTML(each: numbers) { number in
            Fields.input(
                .init(number.name, t(number.label)), type: "number", value: number.typed,
                problem: problem(number.name), isWide: false, t)
        }
        let fields: HTML = """
            \(Fields.select(.init("mode", t("分配方式", "Mode")), modes, value: isAsked ? mode : "best", problem: problem("mode"), t))\
            \(whole)\
            \(Fields.tick(.init("apart", t("同一单位的专家不评同一项", "No two experts of one employer on an application"), required: false), isOn: apart, problem: problem("apart"), t))\
            \(Fields.tick(.init("outside", t("每项至少一位外市专家", "At least one expert from another city on each"), required: false), isOn: outside, problem: problem("outside"), t))\
            \(lines(model, problems, t))
            """
        let lead = t(
            "先试算，看总匹配度、最弱一项和每一对的理由；满意后固定方案并公布摘要，再邀请专家。默认方式仍是公开抽签。",
            "Try first and look at the total, the weakest application and why each pair fits; then fix the plan, which publishes its hash, and invite. The default remains the public draw."
        )
        return Parts.card(
            t("分配条件", "Conditions"),
            "<p>\(lead)</p>\(Fields.filters("/desk/calls/\(model.matter.call.id.text)/assignment", fields, ask: Bilingual("试算", "Try"), t))"
        )
    }

    /// Quotas and chosen pairs, with an empty line after those that are filled in while there is room.
    private func lines(_ model: CallPlan, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let isOpen = !quotas.isEmpty || !pairs.isEmpty
        var (shownQuotas, shownPairs) = (quotas, pairs)
        if quotas.count < AssignmentOptions.mostQuotas {
            shownQuotas.append(QuotaLine(group: "", least: "", most: ""))
        }
        if pairs.count < AssignmentOptions.mostPairs {
            shownPairs.append(PairLine(rule: "", item: "", expert: "", reason: ""))
        }
        let groups = choices(model, t)
        return """
            <details\(attribute: "open", if: isOpen)><summary>\(t("名额和指定配对", "Quotas and chosen pairs"))</summary>\
            <p class="hint">\(t("名额按每项申请计。城市按单位信用代码中的区划；专家有几个学科，就在几个学科里计。选“申请自己的学科”后，其余席位可由同一门类其他学科的专家评审。学科与单位、城市互相交叉，两类名额不能同时精确满足。", "A quota counts on each application. The city is that of the division in the employer's credit code; an expert of several disciplines counts for each. With “the application's own discipline” the other seats may go to other disciplines of its class. Disciplines cut across employers and cities, and no exact answer keeps both kinds."))</p>\
            \(HTML(each: shownQuotas.enumerated()) { quotaFields($0.offset, $0.element, groups, problems, t) })\
            <p class="hint">\(t("被指定的专家不得有回避情形，学科不限。理由在固定方案时填写：写入存证日志，不随方案公布。", "A chosen expert must be free of conflicts and may be of any discipline. The reason is asked for when the plan is fixed: it is kept in the record and not published with the plan."))</p>\
            \(HTML(each: shownPairs.enumerated()) { pairFields($0.offset, $0.element, problems, t) })</details>
            """
    }

    private func quotaFields(
        _ line: Int, _ quota: QuotaLine, _ groups: [(value: String, title: String)], _ problems: [FieldProblem],
        _ t: Say
    ) -> HTML {
        let own = [(value: quota.group, title: quota.group)]
        let known = quota.group.isEmpty || groups.contains { $0.value == quota.group } ? groups : groups + own
        func name(_ part: String) -> String { "quotas.\(line).\(part)" }
        func number(_ part: String, _ label: Bilingual, _ typed: String) -> HTML {
            Fields.input(
                .init(name(part), t(label), required: false), type: "number", value: typed,
                problem: Fields.problem(name(part), problems, t), isWide: false, t)
        }
        return """
            \(Fields.select(.init(name("group"), t("名额 \(line + 1)：专家", "Quota \(line + 1): experts"), required: false), known, value: quota.group, problem: Fields.problem(name("group"), problems, t), t))\
            \(number("least", Self.least(line), quota.least))\(number("most", Self.most(line), quota.most))
            """
    }

    private func pairFields(_ line: Int, _ pair: PairLine, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let rules = [
            (value: "force", title: t("必须评审", "must judge")), (value: "forbid", title: t("不得评审", "must not judge")),
        ]
        func name(_ part: String) -> String { "pairs.\(line).\(part)" }
        func text(_ part: String, _ label: String, _ typed: String) -> HTML {
            Fields.input(
                .init(name(part), label, required: false), value: typed,
                problem: Fields.problem(name(part), problems, t), isWide: false, t)
        }
        return """
            \(text("expert", t("指定 \(line + 1)：专家登录名", "Pair \(line + 1): the expert's login"), pair.expert))\
            \(Fields.select(.init(name("rule"), t("指定 \(line + 1)：要求", "Pair \(line + 1): the rule"), required: false), rules, value: pair.rule, problem: Fields.problem(name("rule"), problems, t), t))\
            \(text("item", t("指定 \(line + 1)：申请编号", "Pair \(line + 1): number of the application"), pair.item))
            """
    }

    /// Whom a quota may count, with how many there are of them in the pool.
    private func choices(_ model: CallPlan, _ t: Say) -> [(value: String, title: String)] {
        var (cities, fields): ([String: Int], [String: Int]) = ([:], [:])
        for region in model.matter.regions.values { cities[region, default: 0] += 1 }
        for (expert, _, _) in model.matter.experts {
            for field in Set(expert.fields) where !field.isEmpty { fields[field, default: 0] += 1 }
        }
        func choice(_ group: GroupQuota.Group, _ count: Int? = nil) -> (value: String, title: String) {
            let title = t(AssignmentView.title(group, model.home))
            return (group.text, count.map { t("\(title)，\($0) 位", "\(title), \($0)") } ?? title)
        }
        var found = [choice(.anyRegion)]
        found += cities.sorted { $0.key < $1.key }.map { choice(.region($0.key), $0.value) }
        found.append(choice(.ownField))
        found += fields.sorted { $0.key < $1.key }.map { choice(.field($0.key), $0.value) }
        return found
    }

    /// The fields in which the reasons for chosen pairs are typed.
    func reasonFields(_ problems: [FieldProblem], _ t: Say) -> HTML {
        HTML(each: pairs.enumerated()) { line, pair in
            let name = "pairs.\(line).reason"
            let label = t(
                "指定第 \(line + 1) 对的理由（\(pair.item)，\(pair.expert)）",
                "Reason of pair \(line + 1): \(pair.item), \(pair.expert)")
            return Fields.input(.init(name, label), value: pair.reason, problem: Fields.problem(name, problems, t), t)
        }
    }
}
