import Kernel
import Testing

@testable import Review

/// Protocols of assignments by affinity that somebody changed, each in one place.
@Suite("Forged assignments")
struct ForgedPlanTests {
    /// Every way to a value inside a document, with another value of its kind; lists and objects also lose a part.
    private static func forgeries(_ value: JSONValue, at path: String = "") -> [(path: String, forged: JSONValue)] {
        switch value {
        case .null, .decimal: []
        case .bool(let known): [(path, .bool(!known))]
        case .integer(let known): [(path, .integer(known + 1)), (path, .integer(known - 1))]
        case .string(let known): [(path, .string(known + "1"))]
        case .array(let elements):
            elements.indices.flatMap { place -> [(String, JSONValue)] in
                var shorter = elements
                shorter.remove(at: place)
                return [("\(path)[\(place)] gone", .array(shorter))]
                    + forgeries(elements[place], at: "\(path)[\(place)]").map { way, forged in
                        var changed = elements
                        changed[place] = forged
                        return (way, .array(changed))
                    }
            }
                + (elements.count > 1 && elements.first != elements.last
                    ? [("\(path) turned round", .array(elements.reversed()))] : [])
        case .object(let members):
            members.keys.sorted().flatMap { name -> [(String, JSONValue)] in
                guard let member = members[name] else { return [] }
                var fewer = members
                fewer[name] = nil
                return [("\(path).\(name) gone", .object(fewer))]
                    + forgeries(member, at: "\(path).\(name)").map { way, forged in
                        var changed = members
                        changed[name] = forged
                        return (way, .object(changed))
                    }
            }
        }
    }

    @Test(
        "Whatever is changed in a published assignment is found, in every mode, with quotas and chosen pairs",
        arguments: AssignmentMode.allCases.filter { $0 != .draw })
    func everything(_ mode: AssignmentMode) async throws {
        let quotas = [GroupQuota(.anyRegion, most: 2), GroupQuota(.region("1101"), least: 1)]
        var world = try await QuotaPlanTests.World(
            AssignmentOptions(mode: mode, seats: 2, load: 4, quotas: quotas), seed: 7)
        world.items.removeLast(2)
        let item = try #require(world.items.first?.0.item)
        let barred = try #require(world.experts.last?.0.id)
        world.options.pairs = [ChosenPair(item: item, expert: barred, isForced: false)]
        let outcome = try AssignmentProtocol(try await world.propose().outcome.plan, seed: "public chance")
        try #require(outcome.isWhole)
        let file = try JSONValue(encoding: outcome)
        #expect(DrawCheck.faults(file).isEmpty)
        let all = Self.forgeries(file)
        #expect(all.count > 200)
        for (path, forged) in all {
            let codes = DrawCheck.faults(forged).map(\.code)
            // A wider bound on the worst-off holds as well. What chance has no say in does not depend on the seed: only
            // the log has its hash.
            if path == ".seed" && !mode.isRandom { continue }
            if path == ".proof.worstBound", forged["proof"]?["worstBound"]?.integer ?? 0 > outcome.proof.worstBound ?? 0
            {
                continue
            }
            #expect(!codes.isEmpty, "\(path)")
        }
    }

    @Test(
        "Whatever is changed in what is told to be short is found, in every mode",
        arguments: AssignmentMode.allCases.filter { $0 != .draw })
    func shortages(_ mode: AssignmentMode) async throws {
        // Two cities for three seats, nobody of the wanted one, and more experts than can have an application.
        let quotas = [GroupQuota(.anyRegion, most: 1), GroupQuota(.region("9999"), least: 1)]
        var world = try await QuotaPlanTests.World(
            AssignmentOptions(mode: mode, seats: 3, leastLoad: 1, load: 4, quotas: quotas), seed: 7)
        world.items.removeLast(2)
        world.regions = world.regions.mapValues { $0 == "1101" ? "4403" : $0 }
        let outcome = try AssignmentProtocol(try await world.propose().outcome.plan, seed: "public chance")
        let kinds = Set(outcome.shortages.map { $0.isWish ? "wish" : $0.kind })
        try #require(kinds == ["seats", "quota 1", "wish"])
        let file = try JSONValue(encoding: outcome)
        #expect(DrawCheck.faults(file).isEmpty)
        let all = Self.forgeries(file).filter { $0.path.hasPrefix(".shortages") }
        #expect(all.count > 60)
        for (path, forged) in all { #expect(DrawCheck.faults(forged).map(\.code) == ["draw.result"], "\(path)") }
    }
}
