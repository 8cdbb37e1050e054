import Kernel
import Portal
import Review

/// What the page of the best combination is asked, as it stands in its address; the proposal sends the same again.
struct LineQuery: Sendable {
    /// How many limits a page takes.
    static let most = 4

    let fields: [(String, String)]
    let floor: Int
    let share: Int
    let aim: LineQuestion.Aim
    /// Whether what each application and each limit costs is worked out.
    let isStudied: Bool

    init(_ get: (String) -> String?) {
        let names =
            ["method", "floor", "share", "aim", "budget", "in", "out", "panel", "study"]
            + (1...LineQuery.most).flatMap { ["group\($0)", "bound\($0)", "measure\($0)", "size\($0)"] }
        fields = names.compactMap { name in get(name).map { (name, $0) } }
        floor = get("floor").flatMap(Int.init).map { min(100, max(0, $0)) } ?? 60
        share = get("share").flatMap(Int.init).map { min(100, max(1, $0)) } ?? 100
        aim = get("aim").flatMap(LineQuestion.Aim.init(rawValue:)) ?? .total
        isStudied = get("study").map { !$0.isEmpty } ?? false
    }

    subscript(_ name: String) -> String { fields.first { $0.0 == name }?.1 ?? "" }

    /// The address of the page with some fields changed.
    func address(_ base: String, _ changes: [String: String?]) -> SafeURL {
        let kept = fields.filter { changes[$0.0] == nil && !$0.1.isEmpty }
        let added = changes.compactMap { name, value in value.map { (name, $0) } }.sorted { $0.0 < $1.0 }
        let query = (kept + added).map { "\(SafeURL.encode($0.0))=\(SafeURL.encode($0.1))" }.joined(separator: "&")
        return SafeURL(checking: "\(base)?\(query)") ?? "#"
    }

    /// The numbers of applications that were typed into a field.
    func numbers(_ name: String) -> [String] {
        self[name].split { $0.isWhitespace || "，,、;；".contains($0) }.map(String.init)
    }

    /// The question, and everything in it that cannot be read.
    func question(_ reading: LineReading) -> (LineQuestion, [FieldProblem]) {
        var problems: [FieldProblem] = []
        var question = LineQuestion(budget: reading.left, floor: floor * 1_000, aim: aim)
        if !self["budget"].isEmpty {
            if let money = try? Money(parsing: self["budget"]), money.fen >= 0 {
                question.budget = money
            } else {
                problems.append(Self.problem("budget", "请填写金额，如 5,000,000", "Give an amount such as 5,000,000"))
            }
        }
        let known = Dictionary(
            reading.applications.values.map { ($0.number, $0.id) }, uniquingKeysWith: { first, _ in first })
        for name in ["in", "out"] {
            let unknown = numbers(name).filter { known[$0] == nil }
            if !unknown.isEmpty {
                let list = unknown.joined(separator: " ")
                problems.append(
                    Self.problem(name, "这些编号不在待决定的申请中：\(list)", "These do not wait for a decision: \(list)"))
            }
        }
        question.forcedIn = Set(numbers("in").compactMap { known[$0] })
        question.forcedOut = Set(numbers("out").compactMap { known[$0] })
        if !self["panel"].isEmpty {
            question.forcedIn.formUnion(reading.verdicts.filter(\.value.isFavourable).keys)
            question.forcedOut.formUnion(reading.verdicts.filter { !$0.value.isFavourable }.keys)
        }
        if !question.forcedIn.isDisjoint(with: question.forcedOut) {
            problems.append(Self.problem("out", "同一项目不能既强制入选又强制不选", "One application cannot be forced both in and out"))
            question.forcedOut.subtract(question.forcedIn)
        }
        for number in 1...LineQuery.most where !self["group\(number)"].isEmpty {
            if let balance = balance(number, reading) {
                question.balances.append(balance)
            } else {
                problems.append(
                    Self.problem(
                        "size\(number)", "请填写项数、金额或百分比，如 2 或 30%", "Give a number, an amount or a share such as 30%"))
            }
        }
        return (question, problems)
    }

    private func balance(_ number: Int, _ reading: LineReading) -> LineBalance? {
        guard let group = reading.groups.first(where: { $0.key == self["group\(number)"] }) else { return nil }
        let measure = LineBalance.Measure(rawValue: self["measure\(number)"]) ?? .count
        let typed = self["size\(number)"].filter { !$0.isWhitespace }
        let size: LineBalance.Size
        if typed.hasSuffix("%") || typed.hasSuffix("％") {
            let parts = typed.dropLast().split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, let whole = parts.first.flatMap({ Int64($0) }), (0...100).contains(whole) else {
                return nil
            }
            let rest = parts.count == 2 ? Int64(parts[1]) : 0
            guard let rest, (0...9).contains(rest), parts.last?.count ?? 0 <= 3 else { return nil }
            size = .share(min(1_000, whole * 10 + rest))
        } else if measure == .count {
            guard let count = Int64(typed), (0...100_000).contains(count) else { return nil }
            size = .number(count)
        } else {
            guard let money = try? Money(parsing: typed), money.fen >= 0 else { return nil }
            size = .number(money.fen)
        }
        return LineBalance(
            group: group, measure: measure, isLeast: self["bound\(number)"] != "most", size: size)
    }

    private static func problem(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "line.\(field)", message: Bilingual(zh, en))
    }
}
