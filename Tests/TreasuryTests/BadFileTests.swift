import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Treasury

@Suite("Files that cannot be read")
struct BadFileTests {
    private func faults(_ bytes: [UInt8]) -> [String] {
        do throws(TreasuryError) {
            _ = try AnswerFile.read(bytes)
            return []
        } catch {
            return error.fields.map(\.field)
        }
    }

    private func text(_ lines: String...) -> [UInt8] { Array(lines.joined(separator: "\n").utf8) }

    @Test("Each fault of a CSV file names its line and field, all at once")
    func csv() {
        #expect(faults(text("number,outcome,amount")) == ["line-1.header"])
        #expect(faults(text("number,number,outcome,amount,account,colour")) == ["line-1.header", "line-1.header"])
        #expect(faults(text("number,outcome,amount,account")) == ["line-2.file"])
        #expect(
            faults(
                text(
                    "number,outcome,amount,account,booked", "F1,paid,1.00,622,2026-03-01", "F2,gone,x,622,March",
                    "F3,paid,-5,622,", "", "\(String(repeating: "9", count: 65)),paid,1.001,622,"))
                == [
                    "line-3.outcome", "line-3.amount", "line-3.booked", "line-4.amount", "line-6.amount",
                    "line-6.number",
                ])
        #expect(faults([0xFF, 0xFF, 0x80, 0x00]) == ["line-1.file"])
    }

    @Test("Columns are known in Chinese, and in the encoding of old bank programs")
    func chinese() throws {
        let chinese = text("付款单号,结果,金额,收款账号,原因", "F1,退票,\"1,234.50\",6222 02,账号不存在")
        #expect(try AnswerFile.read(chinese).lines.first?.amount.fen == 123_450)
        // 付款单号,结果,金额,收款账号 in GB 18030.
        let gb: [UInt8] =
            [0xB8, 0xB6, 0xBF, 0xEE, 0xB5, 0xA5, 0xBA, 0xC5, 0x2C, 0xBD, 0xE1, 0xB9, 0xFB, 0x2C]
            + [0xBD, 0xF0, 0xB6, 0xEE, 0x2C, 0xCA, 0xD5, 0xBF, 0xEE, 0xD5, 0xCB, 0xBA, 0xC5, 0x0A]
        #expect(try AnswerFile.read(gb + Array("F1,paid,1,62".utf8)).lines.first?.number == "F1")
    }

    @Test("Each fault of a notification names its line and element")
    func camt() {
        let good = AnswerTests.entry("DBIT", "1.00", number: "F1", account: "62", reference: "R")
        #expect(faults(AnswerTests.camt(good)) == [])
        #expect(faults(AnswerTests.camt(good, version: "02")) == ["line-2.Document"])
        #expect(faults(text("<Document><a></Document>")) == ["line-1.xml"])
        #expect(
            faults(text("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>", "<x>&a;</x>")) == ["line-1.xml"])
        #expect(faults(AnswerTests.camt("")) == ["line-3.Ntry"])
        for (from, to, fault) in [
            ("DBIT", "BOTH", "line-5.CdtDbtInd"), ("BOOK", "DONE", "line-5.Sts"),
            ("<Amt Ccy=\"CNY\">1.00", "<Amt Ccy=\"USD\">1.00", "line-5.Ccy"),
            ("1.00</Amt><Cdt", "1.005</Amt><Cdt", "line-5.Amt"), ("1.00</Amt><Cdt", "2.00</Amt><Cdt", "line-5.Amt"),
            ("<Dt>2026-03-03", "<Dt>2026-02-30", "line-5.BookgDt"),
            ("F1</EndToEndId>", "\(String(repeating: "F", count: 36))</EndToEndId>", "line-7.EndToEndId"),
        ] { #expect(faults(AnswerTests.camt(good.replacing(from, with: to))) == [fault], "\(to)") }
        // Details that add up to more than can be counted.
        let detail = "<TxDtls><Amt Ccy=\"CNY\">1000000000000000</Amt></TxDtls>"
        let many = good.replacing("</NtryDtls>", with: "\(String(repeating: detail, count: 93))</NtryDtls>")
        #expect(faults(AnswerTests.camt(many)) == ["line-5.Amt"])
    }

    @Test("A file with one fault changes nothing")
    func nothing() async throws {
        let till = try await Till(.sqlite)
        try await till.open()
        let order = try await till.sent(1_000)
        let number = try await till.number(of: order)
        let file = Till.csv([
            [order.number, "paid", "10.00", number, ""], [order.number, "gone", "10.00", number, ""],
        ])
        await #expect(throws: TreasuryError.self) {
            _ = try await till.answers.read(file, name: "bad", by: Till.treasurer)
        }
        #expect(try await till.find(order).state == .sent)
        #expect(try await till.db.read { tx in try BankAnswerStore.list(limit: 9, tx).count } == 0)
    }
}
