import BureauTestSupport
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Stories: every procedure made of data runs from its filing to its end", .timeLimit(.minutes(60)))
struct StoryTests {
    static let files: [(name: String, file: StoryFile)] =
        (try? StoryFile.load(folder: "\(TestHouse.root)/Jurisdictions/Shenzhen/stories")) ?? []

    @Test("All stories can be read")
    func readable() throws {
        _ = try StoryFile.load(folder: "\(TestHouse.root)/Jurisdictions/Shenzhen/stories")
    }

    @Test("Each story ends where it says, and refuses what it must", arguments: TestStore.engines, files.map(\.name))
    func play(engine: Engine, name: String) async throws {
        let file = try #require(Self.files.first { $0.name == name }?.file)
        let house = try await TestHouse(engine)
        let teller = Storyteller(house.services)
        try await teller.seed(file.registers ?? [])
        var known: [String: CaseFile] = [:]
        for story in file.stories ?? [] {
            do {
                known[story.id] = try await teller.play(story, known: known, moves: true).file
            } catch {
                Issue.record("\(name) \(story.id): \(error)")
            }
        }
        for file in known.values { try await house.expectWholeRecord(of: file.id) }
        _ = try await LettersRead(house.services)
        // Auditors choose events by name.
        let actions = EventNames.actions(house.house.procedures.definitions)
        for kind in try await house.house.db.read({ tx in try Record.kinds(tx) }) {
            #expect(actions[kind] != nil || EventNames.names[kind] != nil, "\(kind) has no name")
        }
    }

    @Test("An index made again finds all that the stories made", arguments: TestStore.engines)
    func indexedAgain(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        for name in ["strategy.yaml", "basic-research.yaml"] { try await house.tell(name) }
        func found() async throws -> [String] {
            try await house.house.db.read { tx in
                try tx.rows("SELECT kind, subject, address, title_zh FROM search_entry ORDER BY kind, subject") { row in
                    [try row["kind"], try row["subject"], try row["address"], try row["title_zh"]].joined(
                        separator: "|")
                }
            }
        }
        let before = try await found()
        for kind in ["entry|", "notice|plan.", "notice|consultation."] {
            #expect(before.contains { $0.hasPrefix(kind) }, "nothing begins with \(kind)")
        }
        #expect(try await house.services.indexAgain() == before.count)
        #expect(try await found() == before)
    }

    @Test("Every procedure that people file has a story")
    func everyProcedureIsTold() throws {
        let city = try TestCity.shenzhen()
        let told = Set(Self.files.flatMap { $0.file.stories ?? [] }.map(\.procedure))
        for procedure in city.procedures where procedure.filing != nil {
            // What is filed on cases that are no data themselves has tests of its own.
            let before = procedure.filing?.after?.procedure
            if let before, city.procedures.first(where: { $0.id == before })?.filing == nil { continue }
            #expect(told.contains(procedure.id), "\(procedure.id) is never played")
        }
    }
}

extension TestHouse {
    /// The events of a case form one chain.
    func expectWholeRecord(of id: ID<CaseFile>) async throws {
        let events = try await house.db.read { tx in try Record.events(of: id, tx) }
        #expect(events.first?.kind == "case.opened")
        #expect(!events.isEmpty)
    }
}
