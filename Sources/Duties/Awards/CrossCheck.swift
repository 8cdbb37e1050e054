import Kernel
import Store

/// The lists against which the bureau checks before it nominates: under a ban on funding, overdue for acceptance,
/// overdue for paying back, and people whose project failed acceptance (notice of 2025-05-20).
enum CrossCheck {
    /// Lists that bar an organisation, and the one that bars people.
    static let unitLists = ["ban", "overdue-acceptance", "overdue-refund"]
    static let personLists = ["failed-acceptance"]

    /// An entry that stands in the way.
    struct Hit {
        let number: String
        let list: String
        let name: String
    }

    /// What stands on the lists on a day of those put forward. Organisations are found by credit code or name, people
    /// by name: a namesake is settled by the officer, who takes the entry's number for it.
    static func hits(_ nomination: Nomination, on day: Day, _ tx: Tx) throws -> [Hit] {
        var hits: [Hit] = []
        for unit in nomination.units {
            var found: [RegisterEntry] = []
            if !unit.uscc.isEmpty { found += try entries(["uscc": unit.uscc], tx) }
            found += try entries(["party": unit.name], tx)
            hits += fitting(found, unitLists, on: day)
        }
        for person in nomination.people { hits += fitting(try entries(["party": person], tx), personLists, on: day) }
        var seen: Set<String> = []
        return hits.filter { seen.insert($0.number).inserted }
    }

    private static func entries(_ fields: [String: String], _ tx: Tx) throws -> [RegisterEntry] {
        try RegisterStore.list(
            AwardRegister.lists, RegisterFilter(state: "listed", fields: fields), limit: 20, tx)
    }

    private static func fitting(_ entries: [RegisterEntry], _ lists: [String], on day: Day) -> [Hit] {
        entries.compactMap { entry in
            guard let list = entry.content["list"]?.string, lists.contains(list) else { return nil }
            let since = entry.content["since"]?.string.flatMap { Day($0) }
            let until = entry.content["until"]?.string.flatMap { Day($0) }
            guard since.map({ $0 <= day }) ?? true, until.map({ day <= $0 }) ?? true else { return nil }
            return Hit(number: entry.number, list: list, name: entry.name)
        }
    }

    static func title(_ list: String) -> Bilingual {
        switch list {
        case "ban": Bilingual("限制申报", "Barred from funding")
        case "overdue-acceptance": Bilingual("超期未申请验收", "Overdue for acceptance")
        case "overdue-refund": Bilingual("超期未退款", "Overdue for paying back")
        case "failed-acceptance": Bilingual("验收不通过", "Failed acceptance")
        default: Bilingual(list, list)
        }
    }

    /// What keeps a nomination from being accepted; entries that the officer named as those of others do not count.
    static func problems(_ nomination: Nomination, cleared: String, on day: Day, _ tx: Tx) throws -> [FieldProblem] {
        let others = Set(cleared.split { ",，、; \n".contains($0) }.map(String.init))
        return try hits(nomination, on: day, tx).filter { !others.contains($0.number) }.map { hit in
            let list = title(hit.list)
            return FieldProblem(
                field: "namesakes", code: "awards.listed",
                message: Bilingual(
                    "\(hit.name) 在「\(list.zh)」名单上（\(hit.number)），不得提名；确属同名的，请填写该编号并说明",
                    "\(hit.name) stands on the list '\(list.en)' (\(hit.number)) and may not be nominated; if it is a namesake, give that number"
                ),
                basis: Bilingual("2025年度国家科学技术奖提名通知", "Call for nominations for the national prizes of 2025"))
        }
    }
}
