import Kernel
import Review
import Testing

@Suite("Conflicts of interest")
struct ConflictTests {
    typealias Organisation = ID<OrganisationMark>

    static let today = Day(number: 20_000)
    static let item = ItemFacts(
        item: ID("item"), title: Bilingual("项目", "Item"), field: "", investigator: ID("pi"), organisation: ID("host"),
        people: [ID("member")], organisations: [ID("partner")], parents: [ID("group")])

    static func expert(
        person: String? = "p", employers: Set<Organisation> = [ID("home")],
        employments: [ExpertFacts.Employment] = [], parents: Set<Organisation> = [], declared: Set<String> = [],
        collaborators: Set<ID<PersonMark>> = [], own: Set<ID<CaseFile>> = [], applies: Bool = false
    ) -> ExpertFacts {
        ExpertFacts(
            expert: ID("x"), person: person.map { ID($0) }, employers: employers, employments: employments,
            parents: parents, collaborators: collaborators, declared: declared, ownDeclarations: own,
            appliesInRound: applies)
    }

    @Test(
        "Each ground is found, and nothing else",
        arguments: [
            (expert(), []),
            (expert(person: "pi"), [.isApplicant]),
            (expert(person: "member"), [.isApplicant]),
            (expert(employers: [ID("host")]), [.sameEmployer]),
            (expert(employers: [ID("partner")]), [.sameEmployer]),
            (expert(employers: [ID("group")]), [.sameParent]),
            (expert(parents: [ID("group")]), [.sameParent]),
            (expert(parents: [ID("host")]), [.sameParent]),
            (expert(parents: [ID("elsewhere")]), []),
            (expert(applies: true), [.sameRound]),
            (expert(collaborators: [ID("pi")]), [.sharedProject]),
            (expert(declared: ["host"]), [.declared]),
            (expert(declared: ["stranger"]), []),
            (expert(own: [ID("item")]), [.ownDeclaration]),
            (expert(person: "pi", employers: [ID("host")], applies: true), [.isApplicant, .sameEmployer, .sameRound]),
        ] as [(ExpertFacts, [Conflict])])
    func grounds(_ facts: ExpertFacts, _ wanted: [Conflict]) {
        #expect(
            Conflicts.between(expert: facts, item: ConflictTests.item, on: ConflictTests.today, lookbackYears: 3)
                == wanted)
    }

    @Test(
        "An earlier employer counts up to the same date of the year that the rule reaches back to",
        arguments: [
            ("2024-11-23", "2027-11-24", 3, false), ("2024-11-24", "2027-11-24", 3, true),
            ("2027-11-24", "2027-11-24", 3, true), ("2001-01-01", "2027-11-24", nil, true),
            // 29 February reaches back to the 28th.
            ("2025-02-28", "2028-02-29", 3, true), ("2025-02-27", "2028-02-29", 3, false),
        ] as [(String, String, Int?, Bool)])
    func lookback(_ left: String, _ on: String, _ years: Int?, _ counts: Bool) throws {
        let from = try #require(Day("2000-01-01"))
        let to: Day = try #require(Day(left))
        let facts = ConflictTests.expert(employments: [.init(organisation: ID("host"), from: from, to: to)])
        let found = Conflicts.between(
            expert: facts, item: ConflictTests.item, on: try #require(Day(on)), lookbackYears: years)
        #expect(found.isEmpty != counts)
        if left < on, counts { #expect(found == [.recentEmployer]) }
        if left == on { #expect(found == [.sameEmployer]) }
    }

    @Test("An employment that has not begun is no conflict yet")
    func futureEmployment() {
        let facts = ConflictTests.expert(employments: [
            .init(organisation: ID("host"), from: ConflictTests.today.adding(days: 1))
        ])
        #expect(
            Conflicts.between(expert: facts, item: ConflictTests.item, on: ConflictTests.today, lookbackYears: 3)
                .isEmpty)
    }

    @Test("What is not known is said, and is not taken for no")
    func unknownIsNotNo() {
        let bare = ExpertFacts(expert: ID("x"), person: nil, employers: [])
        #expect(Conflicts.missing(expert: bare, item: ConflictTests.item) == MissingFact.allCases)
        #expect(Conflicts.missing(expert: ConflictTests.expert(), item: ConflictTests.item).isEmpty)
    }
}
