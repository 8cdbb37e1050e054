import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Transfer

@Suite("Registration of technology contracts")
struct ContractTests {
    @Test("Everything wrong with a contract is named at once, with the rule", arguments: TestStore.engines)
    func faults(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        try await room.entry("transfer.registrars", ["name": "登记中心", "district": "福田区"])
        let answers = TransferHouse.contract([
            "kind": "other", "written": "no", "seller-region": "440100", "buyer-country": "China", "buyer-region": "1",
            "ends-on": "2026-01-01", "elsewhere": "yes", "carrier": "hardware",
        ])
        let file = try await room.draft("transfer.contract", answers, files: ["contract"])
        let codes = Set(await room.refusal(file.id, "submit", room.handler))
        #expect(
            codes == [
                "contract.kind", "contract.written", "contract.once", "contract.seat", "contract.validity",
                "contract.carrier", "contract.country", "contract.term", "field.long",
            ])
    }

    @Test("More off than the total, and a transfer without its expectations, are refused", arguments: TestStore.engines)
    func amounts(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        try await room.entry("transfer.registrars", ["name": "登记中心", "district": "福田区"])
        let over = try await room.draft(
            "transfer.contract",
            TransferHouse.contract(["exclusions": [["heading": "parts", "amount": 100_000_001, "reason": "全部"]]]),
            files: ["contract"])
        #expect(await room.refusal(over.id, "submit", room.handler) == ["contract.exclusions"])
        let bare = try await room.draft(
            "transfer.contract", TransferHouse.contract(["kind": "transfer-patent"]), files: ["contract"])
        #expect(
            await room.refusal(bare.id, "submit", room.handler) == ["contract.expected", "contract.expected"])
        let unreasoned = try await room.draft(
            "transfer.contract",
            TransferHouse.contract(["exclusions": [["heading": "parts", "amount": 100]]]), files: ["contract"])
        #expect(await room.refusal(unreasoned.id, "submit", room.handler) == ["field.required"], "each is reasoned")
    }

    @Test(
        "The three amounts are worked out, kept with their rulings, and stand in the register",
        arguments: TestStore.engines)
    func registration(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let (file, contract) = try await room.registered(["passed-on": 10_000_000])
        #expect(contract.technical == Money(fen: 80_000_000) && contract.income == Money(fen: 70_000_000))
        #expect(contract.number == "2026440301000001" && contract.number?.count == 16)
        let (entry, rulings, letters) = try await room.house.db.read { tx in
            (
                try RegisterStore.require("transfer.contracts", contract.number ?? "", tx),
                try RulingStore.list(of: file.id, tx), try Letters.list(of: file.id, tx)
            )
        }
        #expect(entry.content["technical"] == 80_000_000 && entry.state == "registered")
        #expect(Set(rulings.map(\.ruling.rule)) == ["transfer.contract-gate", "transfer.contract-amount"])
        #expect(
            letters.contains { $0.template == "transfer-certificate" && $0.body.zh.contains(contract.checkCode ?? "?") }
        )
    }

    @Test("The domestic buyer of an import registers it; a domestic buyer does not", arguments: TestStore.engines)
    func imports(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        try await room.entry("transfer.registrars", ["name": "登记中心", "district": "福田区"])
        let imported = try await room.draft(
            "transfer.contract",
            TransferHouse.contract(["filed-by": "buyer", "seller-country": "DEU", "seller-region": .null]),
            files: ["contract"])
        #expect(await room.refusal(imported.id, "submit", room.handler) == [])
        let domestic = try await room.draft(
            "transfer.contract", TransferHouse.contract(["filed-by": "buyer", "name": "另一份"]), files: ["contract"])
        #expect(await room.refusal(domestic.id, "submit", room.handler) == ["contract.side"])
    }

    @Test(
        "The same contract at another registrar is refused; one that looks like it needs a reason",
        arguments: TestStore.engines)
    func doubles(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let lines = """
            2026440302000007,南山登记点,视觉检测软件 开发,技术开发,甲公司,乙公司,1000000,2026-02-11
            2026440302000008,南山登记点,数据标注服务,技术服务,甲公司,丙公司,1000000,2026-02-11
            """
        let (now, officer) = (room.clock.now(), room.officer)
        let added = try await room.house.db.write { tx in
            try OutsideContracts.add(OutsideContracts.read(lines), by: officer, at: now, tx)
        }
        let again = try await room.house.db.write { tx in
            try OutsideContracts.add(OutsideContracts.read(lines), by: officer, at: now, tx)
        }
        #expect((added, again) == (2, 0))
        try await room.entry("transfer.registrars", ["name": "登记中心", "district": "福田区"])
        let same = try await room.draft("transfer.contract", TransferHouse.contract(), files: ["contract"])
        #expect(await room.refusal(same.id, "submit", room.handler) == ["contract.double"])
        let alike = try await room.draft(
            "transfer.contract", TransferHouse.contract(["name": "图像标注服务", "buyer": "丙公司"]), files: ["contract"])
        try await room.act(alike.id, "submit", room.handler)
        let recognised: JSONValue = ["recognised": 80_000_000]
        #expect(await room.refusal(alike.id, "recognise", room.officer, recognised) == ["contract.likeness"])
        try await room.act(
            alike.id, "recognise", room.officer, ["recognised": 80_000_000, "likeness-reason": "两份合同标的不同"])
        #expect(try await room.page("desk.contracts.doubles", room.officer).text.contains("There are none"))
    }

    @Test(
        "A change replaces the code; a cancelled contract is shown as over; a stranger may do neither",
        arguments: TestStore.engines)
    func changes(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let (file, contract) = try await room.registered()
        let (number, code) = (contract.number ?? "", contract.checkCode ?? "")
        let answers: JSONValue = [
            "name": "视觉检测软件开发（二期）", "total": 150_000_000, "carrier": "none", "ends-on": "2028-01-31", "counts": "扩大范围",
            "benefits": "no",
        ]
        let foreign = try await room.draft(
            "transfer.contract-change", answers, entry: number, files: ["supplement"], by: room.stranger)
        #expect(await room.refusal(foreign.id, "submit", room.stranger) == ["contract.foreign"])
        let change = try await room.draft("transfer.contract-change", answers, entry: number, files: ["supplement"])
        try await room.act(change.id, "submit", room.handler)
        try await room.act(change.id, "register", room.officer)
        let changed = try await room.contract(file.id)
        #expect(changed.total == Money(fen: 150_000_000) && changed.name.hasSuffix("（二期）") && changed.checkCode != code)
        #expect(changed.technical == Money(fen: 130_000_000), "what was excluded stays excluded")
        let old = try await room.page("contracts.verify", query: ["code": code])
        #expect(old.status == 404)
        let new = try await room.page("contracts.verify", query: ["code": changed.checkCode ?? ""])
        #expect(new.text.contains("in force") && new.text.contains("1,500,000.00"))
        let end = try await room.draft(
            "transfer.contract-cancellation", ["cause": "void", "why": "判决无效", "benefits": "no"], entry: number,
            files: ["paper"])
        try await room.act(end.id, "submit", room.handler)
        try await room.act(end.id, "cancel", room.officer)
        let over = try await room.page("contracts.verify", query: ["code": changed.checkCode ?? ""], language: .chinese)
        #expect(over.text.contains("登记已失效"))
    }

    @Test(
        "The whole time counts from what was sent in last: fifteen working days, thirty with experts",
        arguments: TestStore.engines)
    func clocks(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        try await room.entry("transfer.registrars", ["name": "登记中心", "district": "福田区"])
        let calendar = room.house.city.calendar
        let file = try await room.draft(
            "transfer.contract", TransferHouse.contract(["total": 600_000_000]), files: ["contract"])
        let sent = try await room.act(file.id, "submit", room.handler)
        #expect(try sent.dueOn == calendar.adding(workingDays: 15, to: TransferHouse.start))
        room.clock.move(seconds: 3 * 86_400)
        let asked = try await room.act(file.id, "ask-experts", room.officer)
        #expect(try asked.dueOn == calendar.adding(workingDays: 30, to: TransferHouse.start))
        let second = try await room.draft(
            "transfer.contract", TransferHouse.contract(["name": "补正的合同"]), files: ["contract"])
        try await room.act(second.id, "submit", room.handler)
        try await room.act(second.id, "ask-correction", room.officer, ["defects": "缺页"])
        room.clock.move(seconds: 4 * 86_400)
        let again = try await room.act(second.id, "resubmit", room.handler)
        let day = room.house.today
        #expect(try again.dueOn == calendar.adding(workingDays: 15, to: day), "it starts again when it is complete")
        room.clock.move(seconds: 86_400)
        let seen = try await room.act(second.id, "recognise", room.officer, ["recognised": 80_000_000])
        #expect(try seen.dueOn == calendar.adding(workingDays: 15, to: day))
        let clocks = try await room.house.db.read { tx in try CaseStore.clocks(second.id, tx) }
        #expect(clocks.last?.needsChecking == true, "the days are those of a draft")
    }

    @Test("Lines of other registrars: every faulty one is named, and nothing is kept")
    func faultyLines() throws {
        let lines =
            "1,A,项目,技术开发,甲,乙,1000\n2,A,项目,发明,甲,乙,abc,2026-02-30\n3,A,项目,技术开发,甲,乙,10,2026-02-01\n3,A,项目,技术开发,甲,乙,10,2026-02-01"
        do {
            _ = try OutsideContracts.read(lines)
            Issue.record("faulty lines were taken")
        } catch ProcedureError.refused(let problems) {
            let said = problems.map(\.message.en)
            #expect(said.filter { $0.hasPrefix("Line 2") }.count == 3)
            #expect(said.contains { $0.hasPrefix("Line 1") } && said.contains { $0.hasPrefix("Line 4") })
        }
        #expect(throws: ProcedureError.self) { try OutsideContracts.read("\n\n") }
    }

    @Test("Marks do not see spaces, signs, width and letter case")
    func marks() {
        let one = ContractMarks(seller: "ＡＢＣ（深圳）公司", buyer: "乙 公司", subject: "AI-检测", total: Money(fen: 1))
        let two = ContractMarks(seller: "abc(深圳) 公司", buyer: "乙公司", subject: "ai 检测", total: Money(fen: 1))
        #expect(one == two)
        let three = ContractMarks(seller: "abc深圳公司", buyer: "乙公司", subject: "ai检测", total: Money(fen: 2))
        #expect(three.whole != one.whole && three.subject == one.subject && three.amount != one.amount)
        let swapped = ContractMarks(seller: "乙公司", buyer: "abc深圳公司", subject: "ai检测", total: Money(fen: 1))
        #expect(swapped.whole != one.whole, "seller and buyer are not the same side")
    }

    @Test("The national list writes codes, amounts and days as they are", arguments: TestStore.engines)
    func nationalList(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let (_, contract) = try await room.registered()
        let form = try #require(try room.house.procedures.newest("transfer.contract").form)
        let columns = NationalList.columns(form, .english, room.house.city.countries)
        #expect(columns.count == 26)
        let listed = try await room.page("desk.contracts", room.officer, query: ["state": "registered"])
        #expect(listed.text.contains(contract.number ?? "?") && listed.text.contains("format=csv"))
        let none = try await room.page("desk.contracts", room.officer, query: ["from": "2026-03-03"])
        #expect(none.text.contains("No contract fits"))
        let sums = try await room.house.db.read { tx in
            try ContractStore.sums(from: TransferHouse.start, to: TransferHouse.start, tx)
        }
        #expect(sums.map(\.technical) == [Money(fen: 80_000_000)] && sums.first?.month == "2026-03")
        #expect(try await room.page("desk.contracts.statistics", room.officer).text.contains("<svg"))
        let elsewhere = Actor(account: ID("x"), name: "", roles: [.officer], division: "talent")
        for route in [
            "desk.contracts", "desk.contracts.doubles", "desk.contracts.outside", "desk.contracts.statistics",
        ] {
            await #expect(throws: AccessError.self, "\(route)") { _ = try await room.page(route, elsewhere) }
        }
    }
}
