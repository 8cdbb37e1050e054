import Kernel
import Store

/// What the room reads out of the answers of a nomination.
struct Nomination {
    let prize: Prize?
    let grade: Grade?
    let level: AwardLevel
    let values: JSONValue

    /// - Parameter values: the answers and what was asked, as ``CaseValues`` gives them.
    init(_ values: JSONValue) {
        self.values = values
        prize = values["prize"]?.string.flatMap(Prize.init(rawValue:))
        grade = values["grade"]?.string.flatMap(Grade.init(rawValue:))
        level = values["level"]?.string.flatMap(AwardLevel.init(rawValue:)) ?? .municipal
    }

    static func read(_ id: ID<CaseFile>, _ tx: Tx) throws -> Nomination { Nomination(try CaseValues.all(of: id, tx)) }

    func rows(_ table: String) -> [JSONValue] { values[table]?.array ?? [] }

    /// Names of the people put forward.
    var people: [String] { rows("people").compactMap { $0["name"]?.string } }
    /// Organisations put forward, by name and credit code.
    var units: [(name: String, uscc: String)] {
        rows("units").compactMap { row in row["unit-name"]?.string.map { ($0, row["uscc"]?.string ?? "") } }
    }

    /// The facts for ``NomineeRule``.
    func facts(nominator: Organisation?, person: String?, on day: Day) -> NomineeFacts {
        var facts = NomineeFacts()
        facts.level = level
        facts.prize = prize
        facts.grade = grade
        facts.people = people.count
        facts.units = units.count
        let isOwnUnit = nominator.map { unit in units.contains { $0.uscc == unit.uscc || $0.name == unit.name.zh } }
        let isOwnPerson = person.map(people.contains) ?? false
        facts.selfNominated = (isOwnUnit ?? false) || isOwnPerson
        facts.chineseCitizen = values["chinese"]?.bool
        facts.failedHigherGrade = values["failed-higher"]?.string.map { $0 == "yes" }
        if let published = values["published-on"]?.string.flatMap({ Day($0) }) {
            facts.monthsPublished = Nomination.wholeMonths(from: published, to: day)
        }
        return facts
    }

    /// Whole months between two days; none where the second is not after the first.
    static func wholeMonths(from: Day, to: Day) -> Int {
        var months = (to.parts.year - from.parts.year) * 12 + to.parts.month - from.parts.month
        if from.adding(months: months) > to { months -= 1 }
        return max(0, months)
    }
}

/// The registers that the room reads.
enum AwardRegister {
    static let years = "awards.years"
    static let nominators = "awards.nominators"
    static let lists = "awards.lists"
    static let honours = "awards.honours"
}
