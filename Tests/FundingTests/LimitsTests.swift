import Foundation
import Kernel
import Testing

@testable import Funding

@Suite("Limits of applications (限项), notice of 2020-07-06")
struct LimitsTests {
    static let rules: RuleBook = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        do {
            return try RuleBook(
                national: nil, city: root.appendingPathComponent("Jurisdictions/Shenzhen/parameters.yaml").path)
        } catch {
            preconditionFailure("the rules of Shenzhen cannot be read: \(error)")
        }
    }()
    static let day = Day(year: 2026, month: 3, day: 2)!

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let facts: LimitFacts
        let admitted: Bool
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "an ordinary enterprise funded last year may not apply",
            facts: LimitFacts(host: .enterprise, programmeKind: "technology-general", fundedLastYear: true),
            admitted: false),
        Row(
            name: "an ordinary enterprise not funded last year may lead or join one",
            facts: LimitFacts(host: .enterprise, programmeKind: "technology-general"), admitted: true),
        Row(
            name: "its second one in any of the four kinds is too many",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "international-cooperation", enterpriseApplications: 1),
            admitted: false),
        Row(
            name: "a distinguished enterprise funded last year may apply for one",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "shenzhen-hongkong", fundedLastYear: true, distinguished: true),
            admitted: true),
        Row(
            name: "and not for two",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "shenzhen-hongkong", fundedLastYear: true, distinguished: true,
                enterpriseApplications: 1), admitted: false),
        Row(
            name: "a distinguished enterprise not funded last year may apply for two",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "sustainable-development", distinguished: true,
                enterpriseApplications: 1), admitted: true),
        Row(
            name: "and not for three",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "sustainable-development", distinguished: true,
                enterpriseApplications: 2), admitted: false),
        Row(
            name: "R&D above 500 million lifts the limit",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "technology-general", fundedLastYear: true,
                researchSpendingLastYear: Money(fen: 50_000_000_001), enterpriseApplications: 9), admitted: true),
        Row(
            name: "exactly 500 million does not: 超过 excludes the number",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "technology-general", fundedLastYear: true,
                researchSpendingLastYear: Money(fen: 50_000_000_000)), admitted: false),
        Row(
            name: "other kinds of programme are not counted for enterprises",
            facts: LimitFacts(
                host: .enterprise, programmeKind: "key-technology", fundedLastYear: true, enterpriseApplications: 5),
            admitted: true),
        Row(
            name: "an investigator may apply for one basic-research project a year",
            facts: LimitFacts(host: .university, programmeKind: "basic-research"), admitted: true),
        Row(
            name: "and not for a second",
            facts: LimitFacts(
                host: .university, programmeKind: "basic-research", investigatorBasicApplications: 1), admitted: false),
        Row(
            name: "an enterprise key laboratory is held to the same one",
            facts: LimitFacts(
                host: .enterpriseKeyLaboratory, programmeKind: "basic-research", investigatorBasicApplications: 1),
            admitted: false),
        Row(
            name: "two applied for or running leave room for a third",
            facts: LimitFacts(
                host: .hospital, programmeKind: "basic-research", investigatorApplyingAndRunning: 2), admitted: true),
        Row(
            name: "three do not leave room for a fourth",
            facts: LimitFacts(
                host: .institute, programmeKind: "basic-research", investigatorApplyingAndRunning: 3),
            admitted: false),
    ]

    @Test("The published table", arguments: rows)
    func table(row: Row) throws {
        let outcome = try Limits.judge(row.facts, rules: Self.rules, on: Self.day)
        #expect(outcome.admitted == row.admitted)
        #expect(outcome.steps.allSatisfy { !$0.source.document.zh.isEmpty })
    }

    @Test("Before the notice the book refuses to answer")
    func noRuleBefore() {
        #expect(throws: RuleBookError.self) {
            try Limits.judge(
                LimitFacts(host: .university, programmeKind: "basic-research"), rules: Self.rules,
                on: Day(year: 2020, month: 7, day: 5)!)
        }
    }
}
