import Kernel
import Portal
import Review

/// The conditions of a trial in the address of a request; whatever is left out is as on the page.
enum AssignmentQuery {
    static let modes = AssignmentMode.allCases.filter { $0 != .draw }.map(\.rawValue)

    static let parameters: [APIDescription.Parameter] = [
        .init("mode", Bilingual("分配方式", "Mode"), schema: .oneOf(modes), required: true),
        .init("seats", Bilingual("每项专家数", "Experts for each application"), schema: .integer(minimum: 1, maximum: 20)),
        .init("load", Bilingual("每人最多", "Most for one expert"), schema: .integer(minimum: 1, maximum: 200)),
        .init("leastLoad", Bilingual("每人最少", "Least for one expert"), schema: .integer(minimum: 0, maximum: 200)),
        .init("apart", Bilingual("同一单位的专家不评同一项", "No two of one employer on one"), schema: .boolean),
        .init("outside", Bilingual("每项至少一位外市专家", "One from another city on each"), schema: .boolean),
        .init(
            "leastAffinity", Bilingual("最低匹配度（千分）", "Least affinity, thousandths"),
            schema: .integer(minimum: 0, maximum: 1_000)),
        .init("capPercent", Bilingual("概率上限（%）", "Cap of a pair, %"), schema: .integer(minimum: 1, maximum: 100)),
        .init(
            "strengthPercent", Bilingual("分散强度（%）", "Strength of spreading, %"),
            schema: .integer(minimum: 0, maximum: 100)),
        .init(
            "due",
            Bilingual("评审截止日期；直到当日都不能评审的专家不在方案内", "Due day; who is away until then is left out"),
            schema: .text(format: "date")),
        .init(
            "quotas",
            Bilingual(
                "名额：组/至少/至多，逗号分隔，如 region:*/0/2,field:own/1",
                "Quotas: GROUP/LEAST/MOST with commas between, e.g. region:*/0/2,field:own/1")),
        .init(
            "pairs",
            Bilingual(
                "指定配对：force 或 forbid/申请/专家，逗号分隔", "Chosen pairs: force or forbid/APPLICATION/EXPERT with commas between"
            )),
    ]

    /// The options that a request asks for, and the due day, where it names one.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong.
    static func read(_ visit: Visit, seats: Int, today: Day) throws -> (options: AssignmentOptions, due: Day?) {
        var problems: [FieldProblem] = []
        func miss(_ name: String, _ code: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: name, code: code, message: Bilingual(zh, en)))
        }
        func number(_ name: String, _ otherwise: Int) -> Int {
            guard let text = visit.query(name) else { return otherwise }
            if let number = Int(text) { return number }
            miss(name, "field.number", "应为整数", "is a whole number")
            return otherwise
        }
        func flag(_ name: String, _ otherwise: Bool) -> Bool {
            guard let text = visit.query(name) else { return otherwise }
            if let flag = Bool(text) { return flag }
            miss(name, "field.choice", "应为 true 或 false", "is true or false")
            return otherwise
        }
        func list<Element>(_ name: String, _ read: ([String]) -> Element?, _ zh: String, _ en: String) -> [Element] {
            let typed = visit.query(name)?.split(separator: ",").map(String.init) ?? []
            let found = typed.compactMap { one in
                read(one.split(separator: "/", omittingEmptySubsequences: false).map(String.init))
            }
            if found.count < typed.count { miss(name, "field.choice", zh, en) }
            return found
        }
        let mode = visit.query("mode").flatMap(AssignmentMode.init(rawValue:)) ?? .draw
        let options = AssignmentOptions(
            mode: mode, seats: number("seats", seats), leastLoad: number("leastLoad", 0),
            load: number("load", AssignmentOptions.usualLoad), apart: flag("apart", true),
            outside: flag("outside", false), leastAffinity: number("leastAffinity", 0),
            capPercent: number("capPercent", AssignmentOptions.usualCapPercent),
            strengthPercent: number("strengthPercent", AssignmentOptions.usualStrengthPercent),
            quotas: list(
                "quotas", quota, "应为 组/至少/至多，以逗号分隔，如 region:*/0/2",
                "is GROUP/LEAST/MOST with commas between, e.g. region:*/0/2"),
            pairs: list(
                "pairs", pair, "应为 force 或 forbid/申请/专家，以逗号分隔",
                "is force or forbid/APPLICATION/EXPERT with commas between"))
        problems += Self.problems(options)
        let due = visit.query("due").flatMap { Day($0) }
        if visit.query("due") != nil {
            problems += [ReviewDesk.dueProblem(due, today: today)].compactMap(\.self)
        }
        guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
        return (options, due)
    }

    private static func quota(_ parts: [String]) -> GroupQuota? {
        guard (2...3).contains(parts.count), let group = GroupQuota.Group(parts[0]), let least = Int(parts[1]) else {
            return nil
        }
        guard parts.count == 3 else { return GroupQuota(group, least: least) }
        return Int(parts[2]).map { GroupQuota(group, least: least, most: $0) }
    }

    private static func pair(_ parts: [String]) -> ChosenPair? {
        guard parts.count == 3, ["force", "forbid"].contains(parts[0]) else { return nil }
        return ChosenPair(item: ID(parts[1]), expert: ID(parts[2]), isForced: parts[0] == "force")
    }

    /// What nobody can have meant, in the names of the API.
    static func problems(_ options: AssignmentOptions) -> [FieldProblem] {
        var problems = options.problems.map(renamed)
        if options.mode == .draw { problems.append(unknownMode) }
        return problems
    }

    /// A problem in the names of the API.
    static func renamed(_ problem: FieldProblem) -> FieldProblem {
        let names = [
            "least-load": "leastLoad", "least-affinity": "leastAffinity", "cap": "capPercent",
            "strength": "strengthPercent",
        ]
        var field = names[problem.field] ?? problem.field
        if field.hasPrefix("pairs."), field.hasSuffix(".reason") {
            field = "reasons\(field.dropFirst("pairs".count).dropLast(".reason".count))"
        }
        return FieldProblem(field: field, code: problem.code, message: problem.message)
    }

    private static let unknownMode = FieldProblem(
        field: "mode", code: "review.mode",
        message: Bilingual("应为 \(modes.joined(separator: "、"))", "is \(modes.joined(separator: ", "))"))
}
