import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Treasury

@Suite("Payment runs")
struct RunTests {
    /// Runs the checker of bank files; nil where the tests have no Python.
    private func check(_ bytes: [UInt8]) throws -> (code: Int32, words: String)? {
        guard let python = ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] else { return nil }
        let path = "\(NSTemporaryDirectory())pain-\(UInt64.random(in: 0 ... .max)).xml"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "check_payment_file.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path, path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    @Test("The file of a run fits the official schema and adds up, whatever people wrote", arguments: TestStore.engines)
    func file(engine: Engine) async throws {
        let till = try await Till(engine)
        let odd = PayeeAccountDraft(
            holder: "<甲 & 乙>\u{0007} \u{FFFE}\"研究\"院\n有限公司", bank: "银行 & <行>",
            branch: String(repeating: "支", count: 70),
            cnaps: "102584000019", number: "622200000000000000000000000001")
        try await till.accounts.takeOver([(Till.payee("odd"), odd)], since: till.entry.day, source: "test")
        try await till.open()
        let amounts: [Int64] = [1, 99, 100, 12_345_678_901, 100_000_000]
        for (index, fen) in amounts.enumerated() {
            let order = try await till.place(
                fen, String(index), payee: index == 0 ? "odd" : "uni",
                purpose: index == 1 ? String(repeating: "长 ", count: 300) : "用途 <\(index)> & 其他\t\u{0001}")
            if try await till.orders.check(order.id, by: Till.treasurer).state == .checked {
                _ = try await till.orders.approve(order.id, by: Till.leader)
            }
        }
        let run = try await till.runs.make(by: Till.treasurer)
        let file = try await till.runs.xml(run.id, by: Till.treasurer)
        #expect(Digest.hex(Digest.sha256(file.bytes)) == run.xmlHash, "the same run gives the same bytes")
        let csv = try await till.runs.csv(run.id, by: Till.person("auditor", [.auditor]))
        #expect(Digest.hex(Digest.sha256(csv.bytes)) == run.csvHash)
        if let (code, words) = try check(file.bytes) {
            #expect(code == 0, "\(words)")
            #expect(words.hasSuffix("5 124456791.01\n"), "\(words)")
        }
        let rows = CSVText.rows(String(decoding: csv.bytes, as: UTF8.self))
        #expect(rows.count == 6)
        #expect(rows.allSatisfy { $0.count == PaymentFile.columns.count })
        #expect(rows[4][6] == "123456789.01")
        await #expect(throws: AccessError.self) { _ = try await till.runs.xml(run.id, by: Till.officer) }
    }

    @Test("A moment is written in the city's time, amounts without separators, and no cell is a formula")
    func words() throws {
        let zone = try #require(Till.zone)
        let noon = zone.start(of: try #require(Day("2026-03-02"))).adding(seconds: 9 * 3_600 + 61)
        #expect(PaymentFile.moment(noon, zone) == "2026-03-02T09:01:01+08:00")
        #expect(PaymentFile.yuan(Money(fen: 123_456_705)) == "1234567.05")
        #expect(PaymentFile.yuan(Money(fen: 5)) == "0.05")
        #expect(XMLText.escaped("  a\r\n<b>&\u{0000}c  ", most: nil) == "a &lt;b&gt;&amp;c")
        #expect(XMLText.escaped("科创科创", most: 3) == "科创科")
        let transfer = Transfer(
            number: "F1", amount: Money(fen: 1), holder: "=cmd()", bank: "b\"q", branch: "x,y", cnaps: "1",
            account: "2",
            purpose: "p")
        let text = String(decoding: PaymentFile.csv([transfer]), as: UTF8.self)
        #expect(text.contains("\"'=cmd()\"") && text.contains("\"b\"\"q\"") && text.contains("\"x,y\""))
    }

    @Test("Without an account of the city nothing is paid")
    func noPayer() async throws {
        let till = try await Till(.sqlite)
        let runs = PaymentRuns(
            db: till.db, clock: till.clock, zone: try #require(Till.zone),
            calendar: try WorkCalendar.load("\(Till.root)/Jurisdictions/Shenzhen/calendar.yaml"), vault: till.vault,
            payer: nil)
        await #expect(throws: TreasuryError.noPayer) { _ = try await runs.make(by: Till.treasurer) }
    }
}
