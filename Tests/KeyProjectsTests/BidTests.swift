import Kernel
import Store
import StoreTestSupport
import Testing

@testable import KeyProjects

@Suite("Open-bid projects")
struct BidTests {
    private static let project: JSONValue = [
        "title": "海底电缆在线监测", "field": "ocean", "target": "定位误差不超过 5 米，连续运行一年。", "prize": 500_000_000,
        "bids-close": "2026-04-30", "term": 18,
    ]

    private func posted(_ room: KeyHouse) async throws -> (id: ID<CaseFile>, entry: String) {
        let id = try await room.file("key.bid-call", Self.project, by: room.applicant)
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "endorse", as: room.seal)
        try await room.act(id, "publish", ["public-share": 200_000_000])
        return (id, try #require(try await room.value(id, "entry")))
    }

    private func bid(
        _ room: KeyHouse, _ entry: String, _ name: String, price: Int64, by actor: Actor
    ) async throws
        -> ID<CaseFile>
    {
        try await room.file(
            "key.bid",
            [
                "title": "光纤传感方案", "bidder": .string(name), "plan": "分布式光纤声波传感与深度学习定位相结合。",
                "price": .integer(price), "term": 15,
                "stages": [["stage-goal": "样机", "share": 40], ["stage-goal": "验收", "share": 60]],
                "team": "十二人，含三名高级工程师",
            ], entry: entry, files: ["sealed"], by: actor)
    }

    @Test("A bid that waits for the choice is with the owner of the project", arguments: TestStore.engines)
    func waits(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let (_, entry) = try await posted(room)
        let id = try await bid(room, entry, "乙研究院", price: 450_000_000, by: room.bidder)
        try await room.act(id, "submit", as: room.bidder)
        try await room.act(id, "qualify")
        let file = try await room.house.db.read { tx in try CaseStore.require(id, tx) }
        #expect(try room.house.procedures.step(of: file).holderTitle.zh == "发榜单位")
    }

    @Test("Owner and experts choose, stages are paid on results by two people", arguments: TestStore.engines)
    func whole(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let (id, entry) = try await posted(room)
        let first = try await bid(room, entry, "乙研究院", price: 450_000_000, by: room.bidder)
        let second = try await bid(room, entry, "丙公司", price: 400_000_000, by: room.rival)
        for (bid, actor) in [(first, room.bidder), (second, room.rival)] {
            try await room.act(bid, "submit", as: actor)
        }
        try await room.act(first, "qualify")
        #expect(try await room.refusals(id, "close-bids") == ["key.bid.open", "key.bid.unexamined"])
        try await room.act(second, "qualify")
        room.move(days: 60)
        #expect(try await room.refusals(id, "no-bid") == ["key.bid.some"])
        try await room.act(id, "close-bids")
        let number = try await room.house.db.read { tx in try CaseStore.require(first, tx).number }
        #expect(
            try await room.refusals(id, "choose", ["bid": "JB-2026-0099", "reason": "好"], as: room.seal)
                .contains("key.bid.unknown"))
        try await room.act(id, "choose", ["bid": .string(number), "reason": "技术路线成熟"], as: room.seal)
        try await room.act(id, "agree", ["opinion": "同意", "score": 90])
        try await room.act(id, "confirm-choice", as: room.leader)
        #expect(try await room.step(first) == "chosen")
        #expect(try await room.step(second) == "not-chosen")
        try await pay(room, id)
        // Owner and winner do not review each other from now on; the rival may.
        let dealings = try await room.house.db.read { tx in
            try Dealings.of("SELECT 'bidder' UNION SELECT 'rival'", tx)
        }
        #expect(
            dealings == [Dealing(.money, "bidder", room.owner.text, from: room.house.today, to: room.house.today)])
        try await room.act(id, "finish", ["outcome": "达到全部指标"])
        let project = try await room.house.db.read { tx in try RegisterStore.require("key.bid-calls", entry, tx) }
        #expect(project.state == "done" && project.content["owner"]?.string == "甲公司")
    }

    @Test(
        "A bid that was chosen before reviews asked for it counts from its choice through its last payment, kept once",
        arguments: TestStore.engines)
    func carriedOver(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let (id, entry) = try await posted(room)
        let won = try await bid(room, entry, "乙研究院", price: 450_000_000, by: room.bidder)
        try await room.act(won, "submit", as: room.bidder)
        try await room.act(won, "qualify")
        room.move(days: 60)
        try await room.act(id, "close-bids")
        let number = try await room.house.db.read { tx in try CaseStore.require(won, tx).number }
        try await room.act(id, "choose", ["bid": .string(number), "reason": "技术路线成熟"], as: room.seal)
        try await room.act(id, "agree", ["opinion": "同意", "score": 90])
        try await room.act(id, "confirm-choice", as: room.leader)
        let chosen = room.house.today
        room.move(days: 5)
        try await room.act(
            id, "order-stage", ["stage": 1, "result": "pass", "evidence": "现场核验", "amount": 180_000_000])
        try await room.act(id, "confirm", as: room.treasurer)
        func dealings() async throws -> [Dealing] {
            try await room.house.db.read { tx in try Dealings.of("SELECT 'bidder'", tx) }
        }
        let known = [Dealing(.money, "bidder", room.owner.text, from: chosen, to: chosen.adding(days: 5))]
        #expect(try await dealings() == known)
        room.move(days: 9)
        for isFirst in [true, false] {
            try await room.house.db.write { tx in
                try Dealings.set([], of: id.text, tx)
                for party in try Dealings.changed(limit: 100, tx) { _ = try Dealings.takeChanged(party, tx) }
            }
            try await room.room.tick()
            #expect(try await dealings() == (isFirst ? known : []))
            let told = try await room.house.db.read { tx in try Dealings.changed(limit: 100, tx) }
            #expect(told.contains("bidder") == isFirst)
        }
    }

    private func pay(_ room: KeyHouse, _ id: ID<CaseFile>) async throws {
        func stage(_ number: Int64, _ amount: Int64, _ result: String = "pass") -> JSONValue {
            ["stage": .integer(number), "result": .string(result), "evidence": "现场核验", "amount": .integer(amount)]
        }
        #expect(try await room.refusals(id, "finish", ["outcome": "完成"]) == ["key.bid.unpaid"])
        #expect(try await room.refusals(id, "order-stage", stage(1, 180_000_000, "fail")) == ["key.bid.result"])
        #expect(try await room.refusals(id, "order-stage", stage(2, 180_000_000)) == ["key.bid.stage"])
        #expect(try await room.refusals(id, "order-stage", stage(1, 450_000_001)) == ["key.bid.over"])
        try await room.act(id, "order-stage", stage(1, 180_000_000))
        let both = Actor(account: ID("officer"), name: "经办人", roles: [.officer, .treasurer])
        await #expect(throws: ProcedureError.samePerson) { try await room.act(id, "confirm", as: both) }
        try await room.act(id, "send-back", ["reason": "收款账号有误"], as: room.treasurer)
        try await room.act(id, "order-stage", stage(1, 180_000_000))
        try await room.act(id, "confirm", as: room.treasurer)
        #expect(try await room.refusals(id, "order-stage", stage(2, 270_000_001)) == ["key.bid.over"])
        try await room.act(id, "order-stage", stage(2, 270_000_000))
        try await room.act(id, "confirm", as: room.treasurer)
        let payments = try await room.house.db.read { tx in try BidPayment.list(id, tx) }
        #expect(payments.map(\.amount.fen) == [180_000_000, 270_000_000] && payments.allSatisfy { $0.state == "paid" })
    }

    @Test("The owner does not bid, nobody bids late, and a project without bids ends", arguments: TestStore.engines)
    func refused(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let (id, entry) = try await posted(room)
        let own = try await bid(room, entry, "甲公司", price: 1_000_000, by: room.bidder)
        #expect(try await room.refusals(own, "submit", as: room.bidder) == ["key.bid.owner"])
        let late = try await bid(room, entry, "乙研究院", price: 1_000_000, by: room.rival)
        room.move(days: 60)
        #expect(try await room.refusals(late, "submit", as: room.rival) == ["key.bid.late"])
        #expect(try await room.refusals(id, "close-bids") == ["key.bid.none"])
        try await room.act(id, "no-bid")
        #expect(try await room.step(id) == "void")
        let past = try await room.file("key.bid-call", Self.project, by: room.applicant)
        #expect(try await room.refusals(past, "submit", as: room.applicant) == ["key.bid.past"])
    }
}
