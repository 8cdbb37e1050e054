import Foundation
import Kernel
import Testing

@testable import Review

@Suite("The draw of a large round, by groups")
struct GroupDrawTests {
    /// The plan of `DrawTests.plan`, written by groups: everybody in one group, whoever may not as an exception.
    static func grouped(_ plan: DrawPlan, _ random: inout SeededRandom) throws -> DrawPlan {
        let everybody = plan.experts.map(\.expert)
        let groups = [everybody, everybody.filter { _ in Bool.random(using: &random) } + everybody.prefix(1)]
        let items = plan.items.shuffled(using: &random).map { item -> Eligibility.Item in
            let group = groups.firstIndex { Set(item.eligible).isSubset(of: $0) } ?? 0
            return Eligibility.Item(
                item: item.item, group: group, except: Set(groups[group]).subtracting(item.eligible))
        }
        return DrawPlan(
            Eligibility(groups: groups.map { $0.shuffled(using: &random) }, items: items),
            entrants: plan.experts.shuffled(using: &random), wanted: plan.wanted, reserves: plan.reserves, mostPairs: -1
        )
    }

    @Test("A plan by groups keeps the same limits, fills as many seats, and an outsider's program agrees")
    func sameLaws() throws {
        for seed in UInt64(0)..<150 {
            var random = SeededRandom(seed: seed)
            let listed = DrawTests.plan(&random)
            let plan = try GroupDrawTests.grouped(listed, &random)
            for place in plan.items.indices {
                #expect(plan.eligible(place) == listed.items[place].eligible, "seed \(seed)")
            }
            let outcome = try DrawProtocol(plan, seed: "公开种子 \(seed)")
            #expect(outcome.rules == "kechuang-draw-2")
            var given: [ID<Expert>: Int] = [:]
            for (place, result) in outcome.results.enumerated() {
                let all = result.drawn + result.reserves
                #expect(Set(all).isSubset(of: plan.eligible(place)) && Set(all).count == all.count, "seed \(seed)")
                #expect(result.drawn.count + result.missing == plan.wanted, "seed \(seed)")
                #expect(result.reserves.count <= plan.reserves, "seed \(seed)")
                for expert in result.drawn { given[expert, default: 0] += 1 }
            }
            for one in plan.experts { #expect(given[one.expert, default: 0] <= one.load, "seed \(seed)") }
            let seats = outcome.results.map(\.drawn.count).reduce(0, +)
            #expect(seats == DrawTests.mostSeats(listed), "seed \(seed)")
            if seed < 25 {
                let json = try JSONValue(encoding: outcome)
                #expect(try DrawTests.check(json) == ("same", 0), "seed \(seed)")
                #expect(DrawCheck.faults(json).isEmpty, "seed \(seed)")
                #expect(try json.decode(DrawProtocol.self) == outcome, "seed \(seed)")
            }
        }
    }

    @Test("Neither the order of groups nor that of experts changes the plan")
    func orderDoesNotMatter() throws {
        for seed in UInt64(0)..<60 {
            var random = SeededRandom(seed: seed)
            let listed = DrawTests.plan(&random)
            var same = SeededRandom(seed: seed &+ 9)
            let first = try GroupDrawTests.grouped(listed, &same)
            let groups = first.groups ?? []
            let names = groups.map { $0.map { first.experts[$0].expert } }
            let again = DrawPlan(
                Eligibility(
                    groups: names.reversed().map { $0.shuffled(using: &random) },
                    items: first.items.reversed().map { one in
                        Eligibility.Item(
                            item: one.item, group: groups.count - 1 - (one.group ?? 0),
                            except: Set((one.except ?? []).map { first.experts[$0].expert }))
                    }), entrants: first.experts.shuffled(using: &random), wanted: first.wanted,
                reserves: first.reserves, mostPairs: -1)
            #expect(try again.commitment() == first.commitment(), "seed \(seed)")
        }
    }

    @Test("A made-up plan, without a group or for more experts than there are, is found and does not end the program")
    func madeUp() throws {
        var random = SeededRandom(seed: 3)
        let plan = try GroupDrawTests.grouped(DrawTests.plan(&random), &random)
        let honest = try JSONValue(encoding: DrawProtocol(plan, seed: "s"))
        let changes: [(member: String, value: JSONValue)] = [
            ("groups", []), ("groups", [[]]), ("groups", [[99, -1]]), ("wanted", 1_000_000_000_000_000),
        ]
        for (member, value) in changes {
            var members = honest["plan"]?.object ?? [:]
            members[member] = value
            var file = honest.object ?? [:]
            file["plan"] = .object(members)
            #expect(DrawCheck.faults(.object(file)).first?.code == "draw.plan", "\(member)")
        }
    }

    @Test("Many items and experts are drawn in a moment")
    func large() throws {
        let experts = (0..<1_200).map { ID<Expert>("e\($0 + 10_000)") }
        let plan = DrawPlan(
            Eligibility(
                groups: [experts],
                items: (0..<2_000).map { .init(item: ID("i\($0 + 10_000)"), group: 0, except: [experts[$0 % 1_200]]) }),
            entrants: experts.enumerated().map { .init(expert: $1, employer: "o\($0 % 90)", load: 6) }, wanted: 3,
            reserves: 12)
        let start = ContinuousClock.now
        let outcome = try DrawProtocol(plan, seed: "s")
        #expect(outcome.rules == "kechuang-draw-2" && outcome.short.isEmpty)
        print("2,000 items, 1,200 experts, 3 each: drawn in \(start.duration(to: .now))")
    }
}
