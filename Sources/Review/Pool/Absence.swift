public import Kernel
public import Store

/// A time in which an expert cannot judge, as the expert or an officer told it.
public struct Absence: Hashable, Sendable {
    public let id: ID<Absence>
    /// The first and the last day, both included.
    public let from: Day
    public let to: Day
    /// Empty where nothing was said.
    public let note: String

    init(row: Row) throws {
        id = try row["id"]
        from = try row["from_day"]
        to = try row["to_day"]
        note = try row["note"]
    }
}

/// A time away as it was typed.
public struct AbsenceEntry: Hashable, Sendable {
    public let from: String
    public let to: String
    public let note: String

    public init(from: String, to: String, note: String) {
        self.from = from
        self.to = to
        self.note = note.trimmed
    }

    /// Both days, where they can be read and are in order.
    var days: ClosedRange<Day>? {
        guard let first = Day(from), let last = Day(to), first <= last else { return nil }
        return first...last
    }

    /// Everything that is wrong with it beside the times that are kept already.
    func problems(_ others: [Absence], on today: Day) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func miss(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: "absence.\(code)", message: Bilingual(zh, en)))
        }
        let last = Day(to)
        if Day(from) == nil {
            miss("from", "from", "请填写开始日期，如 2026-03-02", "Give the first day, such as 2026-03-02")
        }
        if last == nil { miss("to", "to", "请填写结束日期，如 2026-03-09", "Give the last day, such as 2026-03-09") }
        if let first = Day(from), let last, last < first {
            miss("to", "order", "结束日期早于开始日期", "The last day is before the first")
        }
        if let last, last < today { miss("to", "over", "结束日期已过", "The last day is over already") }
        if let last, last > today.adding(months: AbsenceStore.furthest) {
            let years = AbsenceStore.furthest / 12
            miss(
                "to", "far", "结束日期应在 \(years) 年以内；更久的请退出专家库",
                "It ends within \(years) years; for longer, leave the pool")
        }
        if let days, let other = others.first(where: { $0.from <= days.upperBound && days.lowerBound <= $0.to }) {
            let known = (other.from...other.to).bilingual
            miss("from", "overlap", "与已登记的 \(known.zh) 重叠", "It overlaps \(known.en), which is kept already")
        }
        if others.count(where: { $0.to >= today }) >= AbsenceStore.most {
            miss(
                "from", "many", "最多登记 \(AbsenceStore.most) 段，请先移除",
                "At most \(AbsenceStore.most); take one off first")
        }
        return found
            + Words.problems(
                note, "note", Bilingual("说明", "Note"), isRequired: false, most: AbsenceStore.longestNote)
    }
}

/// The times in which experts cannot judge. The days alone are read with each ``Expert``.
public enum AbsenceStore {
    /// Most times of one expert that are not over, and characters of a note.
    public static let most = 20
    public static let longestNote = 100
    /// Months from today within which a time ends: who is away for longer leaves the pool.
    static let furthest = 36

    /// Times away are personal: their expert is given them with all else, and they go with a request or their time.
    public static let personal = PersonalRows(
        table: "expert_absence", columns: ["from_day", "to_day", "note"], kind: .absence, neededUntil: "to_day",
        owner: "(SELECT e.account FROM expert e WHERE e.id = expert_absence.expert)")

    /// What is kept of one expert, the earliest first; times that are over stay until their time of keeping is.
    public static func list(of expert: ID<Expert>, _ tx: Tx) throws -> [Absence] {
        try tx.rows(
            "SELECT * FROM expert_absence WHERE expert = \(expert) ORDER BY from_day, id", Absence.init(row:))
    }
}
