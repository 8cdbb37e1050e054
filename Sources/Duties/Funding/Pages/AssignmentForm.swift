import Kernel
import Portal
import Review

/// The conditions of an assignment as an officer typed them. A line that is left empty takes no place, so that those
/// after it move up.
struct AssignmentForm: Sendable {
    struct QuotaLine: Sendable {
        let group: String
        let least: String
        let most: String
        var isEmpty: Bool { group.isEmpty && least.isEmpty && most.isEmpty }
    }

    struct PairLine: Sendable {
        /// `force` or `forbid`.
        let rule: String
        /// Number of the application, and login of the expert.
        let item: String
        let expert: String
        let reason: String
        var isEmpty: Bool { rule.isEmpty && item.isEmpty && expert.isEmpty }
    }

    /// A whole number of the conditions.
    struct Number: Sendable {
        let name: String
        let label: Bilingual
        let otherwise: Int
        var typed = ""
    }

    /// Whether conditions were sent at all.
    let isAsked: Bool
    let mode: String
    let numbers: [Number]
    let apart: Bool
    let outside: Bool
    let quotas: [QuotaLine]
    let pairs: [PairLine]

    /// - Parameter seats: of each application, as the call promises them.
    init(seats: Int, _ read: (String) -> String?) {
        func text(_ name: String) -> String { (read(name) ?? "").trimmed }
        isAsked = read("mode") != nil
        mode = text("mode")
        apart = isAsked ? read("apart") == "yes" : true
        outside = read("outside") == "yes"
        numbers = Self.numbers(seats).map { number in
            let typed = text(number.name)
            return Number(
                name: number.name, label: number.label, otherwise: number.otherwise,
                typed: typed.isEmpty ? String(number.otherwise) : typed)
        }
        // One line more than may be sent, so that too many are told.
        quotas = (0...AssignmentOptions.mostQuotas).map { line in
            QuotaLine(
                group: text("quotas.\(line).group"), least: text("quotas.\(line).least"),
                most: text("quotas.\(line).most"))
        }.filter { !$0.isEmpty }
        pairs = (0...AssignmentOptions.mostPairs).map { line in
            PairLine(
                rule: text("pairs.\(line).rule"), item: text("pairs.\(line).item"),
                expert: text("pairs.\(line).expert"), reason: text("pairs.\(line).reason"))
        }.filter { !$0.isEmpty }
    }

    private static func numbers(_ seats: Int) -> [Number] {
        [
            Number(name: "seats", label: Bilingual("每项专家数", "Experts for each"), otherwise: seats),
            Number(
                name: "load", label: Bilingual("每人最多", "Most for one expert"), otherwise: AssignmentOptions.usualLoad),
            Number(name: "least-load", label: Bilingual("每人最少", "Least for one expert"), otherwise: 0),
            Number(
                name: "least-affinity", label: Bilingual("最低匹配度（千分）", "Least affinity, in thousandths"), otherwise: 0),
            Number(
                name: "cap", label: Bilingual("随机方式的概率上限（%）", "Cap of a pair's probability in random modes, %"),
                otherwise: AssignmentOptions.usualCapPercent),
            Number(
                name: "strength", label: Bilingual("分散随机的强度（%）", "Strength of spreading, %"),
                otherwise: AssignmentOptions.usualStrengthPercent),
        ]
    }

    /// What the form names, to be looked up.
    var items: [String] { Array(Set(pairs.map(\.item).filter { !$0.isEmpty })) }
    var experts: [String] { Array(Set(pairs.map(\.expert).filter { !$0.isEmpty })) }

    /// What is asked, and everything that is wrong with how it is written; only without problems may it be used.
    func read(_ named: CallReview.Named) -> (options: AssignmentOptions, problems: [FieldProblem]) {
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ code: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        func number(_ typed: String, _ field: String, _ label: Bilingual) -> Int? {
            if let number = Int(typed) { return number }
            miss(field, "field.number", "「\(label.zh)」应为整数", "\(label.en): give a whole number")
            return nil
        }
        func whole(_ name: String) -> Int {
            guard let one = numbers.first(where: { $0.name == name }) else { return 0 }
            return number(one.typed, name, one.label) ?? one.otherwise
        }
        let chosen = AssignmentMode(rawValue: mode).flatMap { $0 == .draw ? nil : $0 }
        if chosen == nil { miss("mode", "review.mode", "请选择分配方式", "Choose a mode") }
        var (quotaLines, pairLines): ([Int], [Int]) = ([], [])
        var options = AssignmentOptions(
            mode: chosen ?? .best, seats: whole("seats"), leastLoad: whole("least-load"), load: whole("load"),
            apart: apart, outside: outside, leastAffinity: whole("least-affinity"), capPercent: whole("cap"),
            strengthPercent: whole("strength"))
        for (line, typed) in quotas.enumerated() {
            let group = GroupQuota.Group(typed.group)
            if group == nil {
                miss(
                    "quotas.\(line).group", "review.quota-group", "名额第 \(line + 1) 行：请选择计哪些专家",
                    "Quota \(line + 1): choose which experts it counts")
            }
            let least =
                typed.least.isEmpty ? 0 : number(typed.least, "quotas.\(line).least", Self.least(line)) ?? 0
            let most = typed.most.isEmpty ? nil : number(typed.most, "quotas.\(line).most", Self.most(line)) ?? 20
            guard let group else { continue }
            quotaLines.append(line)
            options.quotas.append(GroupQuota(group, least: least, most: most))
        }
        for (line, typed) in pairs.enumerated() {
            let (item, expert) = (named.items[typed.item], named.experts[typed.expert])
            func wrong(_ field: String, _ zh: String, _ en: String) {
                problems.append(ChosenPair.problem(field, line: line, field, zh, en))
            }
            if !["force", "forbid"].contains(typed.rule) {
                wrong("rule", "请选择必须评审还是不得评审", "choose whether it must be or must not be")
            }
            if item == nil { wrong("item", "本批次没有这个编号的申请", "the call has no application of this number") }
            if expert == nil { wrong("expert", "专家库中没有这个登录名", "the pool has no expert of this login") }
            guard let item, let expert else { continue }
            pairLines.append(line)
            options.pairs.append(ChosenPair(item: item, expert: expert, isForced: typed.rule == "force"))
        }
        // Of a field that could not be read nothing more is said.
        let unread = Set(problems.map(\.field))
        problems += options.problems(quotaLines: quotaLines, pairLines: pairLines).filter { !unread.contains($0.field) }
        return (options, problems)
    }

    /// What is wrong with the reasons for chosen pairs.
    var reasonProblems: [FieldProblem] {
        pairs.enumerated().compactMap { line, pair in ChosenPair.problem(reason: pair.reason, line: line) }
    }

    /// The same conditions as they are sent on, without reasons.
    var hidden: [(String, String)] {
        var fields = [("mode", mode), ("apart", apart ? "yes" : "no"), ("outside", outside ? "yes" : "no")]
        fields += numbers.map { ($0.name, $0.typed) }
        for (line, quota) in quotas.enumerated() {
            fields += [
                ("quotas.\(line).group", quota.group), ("quotas.\(line).least", quota.least),
                ("quotas.\(line).most", quota.most),
            ]
        }
        for (line, pair) in pairs.enumerated() {
            fields += [
                ("pairs.\(line).rule", pair.rule), ("pairs.\(line).item", pair.item),
                ("pairs.\(line).expert", pair.expert),
            ]
        }
        return fields
    }

    static func least(_ line: Int) -> Bilingual { Bilingual("名额 \(line + 1)：至少", "Quota \(line + 1): at least") }
    static func most(_ line: Int) -> Bilingual { Bilingual("名额 \(line + 1)：至多", "Quota \(line + 1): at most") }
}
