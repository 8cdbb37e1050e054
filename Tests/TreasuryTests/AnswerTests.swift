import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Treasury

@Suite("Answers of the bank")
struct AnswerTests {
    /// A notification with entries as written.
    static func camt(_ entries: String, message: String = "N1", version: String = "08") -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.\(version)">
            <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>\(message)</MsgId><CreDtTm>2026-03-03T10:00:00</CreDtTm></GrpHdr>
            <Ntfctn><Id>1</Id><Acct><Id><Othr><Id>4000010000000000018</Id></Othr></Id></Acct>
            \(entries)
            </Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
            """.utf8)
    }

    static func entry(
        _ side: String, _ yuan: String, number: String, account: String, reference: String, reason: String? = nil,
        status: String = "BOOK"
    ) -> String {
        let back = reason.map { "<RtrInf><Rsn><Cd>\($0)</Cd></Rsn></RtrInf>" } ?? ""
        return """
            <Ntry><Amt Ccy="CNY">\(yuan)</Amt><CdtDbtInd>\(side)</CdtDbtInd><Sts><Cd>\(status)</Cd></Sts>
            <BookgDt><Dt>2026-03-03</Dt></BookgDt><AcctSvcrRef>\(reference)</AcctSvcrRef><BkTxCd></BkTxCd>
            <NtryDtls><TxDtls><Refs><EndToEndId>\(number)</EndToEndId></Refs><Amt Ccy="CNY">\(yuan)</Amt>
            <RltdPties><CdtrAcct><Id><Othr><Id>\(account)</Id></Othr></Id></CdtrAcct></RltdPties>\(back)
            </TxDtls></NtryDtls></Ntry>
            """
    }

    @Test("A part leaves the rest in the order; its refusal gives the rest back", arguments: TestStore.engines)
    func partial(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let before = try await till.left()
        let order = try await till.sent(1_000)
        try await till.answer(order, "paid", 600)
        #expect(try await till.find(order).state == .partial)
        #expect(try await till.balance(.order) == 400)
        #expect(try await till.balance(.paid) == 600)
        try await till.answer(order, "rejected", 400)
        #expect(try await till.find(order).state == .paid)
        #expect(try await till.balance(.order) == 0)
        #expect(try await till.left() == before - 600)
        // Part of what was paid comes back: the payment is reversed, and what stays is paid anew.
        try await till.answer(order, "returned", 100)
        #expect(try await till.balance(.paid) == 500)
        #expect(try await till.left() == before - 500)
        try await till.answer(order, "returned", 500)
        #expect(try await till.find(order).state == .returned)
        #expect(try await till.left() == before)
        #expect(try await till.faults() == [])
    }

    @Test("A wrong account gives the whole order back by a reversal", arguments: TestStore.engines)
    func rejected(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let before = try await till.left()
        let order = try await till.sent(1_000)
        let file = Self.camt(
            Self.entry(
                "CRDT", "10.00", number: order.number, account: try await till.number(of: order), reference: "R1",
                reason: "AC01"))
        _ = try await till.answers.read(file, name: "n.xml", by: Till.treasurer)
        let after = try await till.find(order)
        #expect((after.state, after.reason) == (.rejected, "AC01"))
        #expect(try await till.left() == before)
        #expect(till.heard.all == [.rejected(Money(fen: 1_000), reason: "AC01")])
        let kind = try await till.db.read { tx in try PostingStore.answer(to: order.posting, tx)?.kind }
        #expect(kind == .reverse)
        // It may be ordered anew, under another number.
        #expect(try await till.place(1_000).number == "FK2026-000002")
    }

    @Test("Money that was paid and comes back later is reversed", arguments: TestStore.engines)
    func returned(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let before = try await till.left()
        let order = try await till.sent(1_000)
        let number = try await till.number(of: order)
        let out = Self.entry("DBIT", "10.00000", number: order.number, account: number, reference: "R1")
        _ = try await till.answers.read(Self.camt(out), name: "1.xml", by: Till.treasurer)
        #expect(try await till.find(order).state == .paid)
        let back = Self.entry("CRDT", "10", number: order.number, account: number, reference: "R2", reason: "AC04")
        _ = try await till.answers.read(Self.camt(back, message: "N2"), name: "2.xml", by: Till.treasurer)
        #expect(try await till.find(order).state == .returned)
        #expect(try await till.left() == before)
        #expect(try await till.balance(.paid) == 0)
        let paid = try await till.db.read { tx in
            try Balances.now(try .project(.paid, "science", year: 2026, "p1"), tx)?.inward
        }
        #expect(paid == .zero, "the turnover is true as well")
        #expect(try await till.faults() == [])
    }

    @Test("The bank's file is kept as it came, for treasurer and auditor", arguments: TestStore.engines)
    func keptFile(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let order = try await till.sent(1_000)
        let number = try await till.number(of: order)
        let file = Self.camt(Self.entry("DBIT", "10.00", number: order.number, account: number, reference: "R1"))
        let answer = try await till.answers.read(file, name: "n.xml", by: Till.treasurer)
        for person in [Till.treasurer, Till.person("auditor", [.auditor])] {
            #expect(try await till.answers.file(answer.id, by: person).bytes == file)
        }
        await #expect(throws: AccessError.self) { try await till.answers.file(answer.id, by: Till.officer) }
        let kept: [UInt8]? = try await till.db.read { tx in try tx.value("SELECT sealed_bytes FROM bank_answer_file") }
        #expect(!String(decoding: kept ?? [], as: UTF8.self).contains(number))
        try await till.db.write { tx in
            try tx.run("UPDATE bank_answer_file SET sealed_bytes = \(try till.vault.seal("something else"))")
        }
        await #expect(throws: DocumentError.changed) { try await till.answers.file(answer.id, by: Till.treasurer) }
    }

    @Test("The same file or message is refused with where it was read; the same reference is noted only")
    func duplicates() async throws {
        let till = try await Till(.sqlite)
        try await till.open()
        let order = try await till.sent(1_000)
        let number = try await till.number(of: order)
        let half = Self.entry("DBIT", "5", number: order.number, account: number, reference: "R1")
        let first = try await till.answers.read(Self.camt(half), name: "1.xml", by: Till.treasurer)
        let day = try #require(Day("2026-03-02"))
        let refused = TreasuryError.duplicate(answer: first.id.text, by: "treasurer", on: day)
        await #expect(throws: refused) {
            _ = try await till.answers.read(Self.camt(half), name: "again.xml", by: Till.treasurer)
        }
        await #expect(throws: refused) {
            _ = try await till.answers.read(Self.camt(half + " "), name: "again.xml", by: Till.treasurer)
        }
        let second = try await till.answers.read(Self.camt(half, message: "N2"), name: "2", by: Till.treasurer)
        let lines = try await till.db.read { tx in try BankAnswerStore.lines(of: second.id, limit: 9, tx) }
        #expect(lines.map(\.state) == [.repeated])
        #expect(try await till.balance(.paid) == 500)
    }

    @Test("What does not fit waits for a person, who assigns or dismisses it", arguments: TestStore.engines)
    func queue(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let order = try await till.sent(1_000, "1")
        let unsent = try await till.place(1_000, "2")
        let number = try await till.number(of: order)
        let file = Till.csv([
            ["FK2026-999999", "paid", "10.00", number, "a"], [order.number, "paid", "10.00", "999999", "b"],
            [order.number, "paid", "10.01", number, "c"], [order.number, "paid", "10.00", "", "d"],
            [unsent.number, "paid", "10.00", "", "e"], [order.number, "returned", "1.00", "", "f"],
            [order.number, "pending", "10.00", number, "g"],
        ])
        let answer = try await till.answers.read(file, name: "q.csv", by: Till.treasurer)
        let lines = try await till.db.read { tx in try BankAnswerStore.lines(of: answer.id, limit: 9, tx) }
        #expect(lines.map(\.state) == [.queued, .queued, .queued, .queued, .queued, .queued, .noted])
        #expect(
            lines.prefix(6).compactMap(\.problem)
                == [
                    TreasuryError.Misfit.unknownNumber, .otherAccount, .tooMuch, .noAccount, .noAccount, .nothingPaid,
                ].map(\.message))
        #expect(try await till.balance(.paid) == 0)
        await #expect(throws: TreasuryError.misfit(.tooMuch)) {
            _ = try await till.answers.assign(lines[2].id, to: order.number, as: .paid, note: "看过", by: Till.treasurer)
        }
        await #expect(throws: TreasuryError.misfit(.notSent)) {
            _ = try await till.answers.assign(lines[0].id, to: unsent.number, as: .paid, note: "看过", by: Till.treasurer)
        }
        let orderer = Till.person("officer", [.treasurer])
        await #expect(throws: TreasuryError.samePerson) {
            _ = try await till.answers.assign(lines[0].id, to: order.number, as: .paid, note: "看过", by: orderer)
        }
        let done = try await till.answers.assign(
            lines[0].id, to: order.number, as: .paid, note: "银行来函确认", by: Till.treasurer)
        #expect(done.state == .assigned)
        #expect(try await till.find(order).state == .paid)
        #expect(try await till.answers.dismiss(lines[1].id, note: "重复通知", by: Till.treasurer).state == .dismissed)
        await #expect(throws: TreasuryError.lineSettled) {
            _ = try await till.answers.dismiss(lines[1].id, note: "重复通知", by: Till.treasurer)
        }
        #expect(try await till.faults() == [])
    }

    @Test("Money back that may mean two things waits for a person")
    func ambiguous() async throws {
        let till = try await Till(.sqlite)
        try await till.open()
        let order = try await till.sent(1_000)
        try await till.answer(order, "paid", 600)
        let file = Self.camt(
            Self.entry(
                "CRDT", "4.00", number: order.number, account: try await till.number(of: order), reference: "R1",
                reason: "AC01"))
        let answer = try await till.answers.read(file, name: "n", by: Till.treasurer)
        let line = try await till.db.read { tx in try BankAnswerStore.lines(of: answer.id, limit: 1, tx).first }
        #expect(line?.problem == TreasuryError.Misfit.ambiguous.message)
        _ = try await till.answers.assign(
            try #require(line).id, to: order.number, as: .rejected, note: "未付部分退票", by: Till.treasurer)
        #expect(try await till.find(order).rejected.fen == 400)
    }
}
