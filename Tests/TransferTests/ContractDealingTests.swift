import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Transfer

@Suite("What contracts tell the reviews")
struct ContractDealingTests {
    private func dealings(_ room: TransferHouse) async throws -> [Dealing] {
        let place = room.place.text
        return try await room.house.db.read { tx in try Dealings.of("SELECT \(place)", tx) }
    }

    @Test(
        "A registered contract counts where the other side is named by its code, until it is cancelled",
        arguments: TestStore.engines)
    func contract(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        var random = SeededRandom(seed: 1)
        let code = USCC.generate(prefix: "91", division: "440306", using: &random).text
        let (other, now) = (room.other, room.clock.now())
        try await room.house.db.write { tx in
            try Registry.add(
                Organisation(
                    id: other, name: Bilingual("乙公司", "Company B"), uscc: code, kind: .enterprise, address: ""),
                source: "test", by: .system, at: now, on: TransferHouse.start, tx)
        }
        // The name alone is no identity.
        _ = try await room.registered(["name": "图像标注服务", "total": 90_000_000])
        #expect(try await dealings(room).isEmpty)
        let (_, contract) = try await room.registered(["other-uscc": .string(code)])
        let (from, to) = (try #require(Day("2026-02-10")), try #require(Day("2027-12-31")))
        #expect(try await dealings(room) == [Dealing(.money, room.place.text, other.text, from: from, to: to)])
        try await carriedOver(contract.id, room)
        let end = try await room.draft(
            "transfer.contract-cancellation", ["cause": "void", "why": "判决无效", "benefits": "no"],
            entry: contract.number ?? "", files: ["paper"])
        try await room.act(end.id, "submit", room.handler)
        try await room.act(end.id, "cancel", room.officer)
        #expect(try await dealings(room).isEmpty)
    }

    /// What was registered or signed before it was kept becomes known with the next run of the jobs, as it would have
    /// been, and once.
    private func carriedOver(_ source: String, _ room: TransferHouse) async throws {
        let known = try await dealings(room)
        func forget() async throws {
            try await room.house.db.write { tx in
                try Dealings.set([], of: source, tx)
                for party in try Dealings.changed(limit: 100, tx) { _ = try Dealings.takeChanged(party, tx) }
            }
            #expect(try await dealings(room).isEmpty)
        }
        try await forget()
        try await Transfer(room.house).tick()
        #expect(try await dealings(room) == known)
        // The reviews under way are told of both.
        let (told, both) = (
            try await room.house.db.read { tx in try Dealings.changed(limit: 100, tx) },
            [room.place.text, room.other.text]
        )
        #expect(told == both)
        try await forget()
        try await Transfer(room.house).tick()
        #expect(try await dealings(room).isEmpty)
        // So that the test goes on with it.
        try await room.house.db.write { tx in try Dealings.set(known, of: source, tx) }
    }

    @Test("A match counts once it is signed, from the city's sum on", arguments: TestStore.engines)
    func match(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let file = try await room.draft(
            "transfer.result",
            [
                "name": "固态电池界面涂层", "name-en": "Coating", "field": "energy", "summary": "稳定固态电解质界面的涂层技术",
                "summary-en": "Coating", "keywords": "涂层", "stage": "pilot", "ways": ["licence"], "ip": ["invention"],
                "contact": "0755-1", "honest": true,
            ])
        try await room.act(file.id, "submit", room.handler)
        try await room.act(file.id, "publish", room.officer)
        let found = try await room.house.db.read { tx in try RegisterStore.entries(of: file.id, tx).last }
        let entry = try #require(found)
        let interest = try await room.draft(
            "transfer.match", ["subject": "求许可", "partner": "丙公司", "what": "希望取得许可", "contact": "13900000000"],
            entry: entry.number, by: room.stranger)
        try await room.act(interest.id, "submit", room.stranger)
        try await room.act(interest.id, "introduce", room.officer)
        #expect(try await dealings(room).isEmpty)
        try await room.act(interest.id, "sign", room.stranger, ["amount": 5_000_000])
        #expect(
            try await dealings(room) == [
                Dealing(.money, room.place.text, room.other.text, from: TransferHouse.start, to: TransferHouse.start)
            ])
        room.clock.move(seconds: 3 * 86_400)
        try await carriedOver(interest.id.text, room)
    }
}
