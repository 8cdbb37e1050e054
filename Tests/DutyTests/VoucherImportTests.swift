import BureauTestSupport
import Foundation
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// Files of vouchers: all rows or none, each with its report, the same file once.
@Suite("Import of vouchers")
struct VoucherImportTests {
    private static let header = "凭证号,日期,费用科目,收款方,金额（元）,用途,理由\r\n"

    private func csv(_ report: SpendingReport, _ rows: [String]) -> String {
        Self.header + rows.map { $0.replacing("DAY", with: report.from.description) + "\r\n" }.joined()
    }

    @Test(
        "A dry run tells of every row and writes nothing; then the file is in, and twice is once",
        arguments: TestStore.engines)
    func whole(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        let spending = house.funding.spending
        let rows = (1...600).map { "F-\($0),DAY,业务费,供应商\($0 % 7)公司,\($0).15,材料," }
        let bytes = Array(csv(report, rows).utf8)
        let dry = try await spending.load(bytes, name: "a.csv", into: report.id, isDry: true, by: applicant)
        #expect(dry.count(.fits) == 600 && !dry.isWritten)
        #expect(try await house.vouchers(report).isEmpty)
        let real = try await spending.load(bytes, name: "a.csv", into: report.id, isDry: false, by: applicant)
        #expect(real.isWritten && real.count(.imported) == 600)
        #expect(real.total == Money(fen: (1...600).reduce(0) { $0 + Int64($1) * 100 + 15 }))
        let again = try await spending.load(bytes, name: "b.csv", into: report.id, isDry: false, by: applicant)
        #expect(!again.isWritten && again.count(.known) == 600)
        let count: Int? = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM voucher WHERE report = \(report.id)")
        }
        #expect(count == 600)
    }

    @Test("One refused row keeps the whole file out, and each row says what is wrong")
    func nothingHalf() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        let text = csv(
            report,
            [
                "F-1,DAY,业务费,甲公司,10,材料,", "F-1,DAY,operations,甲公司,10.00,材料,", "F-3,昨天,差旅,,一百,,",
                "F-4,DAY,业务费,丙公司,99999999,设备,", "F-5,DAY,Operations,丁公司,10000,服务,", "F-6,DAY,业务费,丁公司,20000,服务,按合同",
            ])
        let result = try await house.funding.spending.load(
            Array(text.utf8), name: "a.csv", into: report.id, isDry: false, by: applicant)
        #expect(!result.isWritten)
        #expect(
            result.lines.map { $0.problems.map(\.code) } == [
                [], ["voucher.duplicate"],
                ["field.day", "voucher.heading", "money.unreadable", "field.required", "field.required"],
                ["voucher.cap", "voucher.paid"], ["voucher.round"], [],
            ])
        #expect(result.lines.map(\.number) == [2, 3, 4, 5, 6, 7])
        #expect(try await house.vouchers(report).isEmpty)
    }

    @Test("XLSX and GB 18030 are read as UTF-8 is")
    func formats() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        let path = "\(house.folder)/v.xlsx"
        let book = try Workbook(
            path: path, header: ["凭证号", "日期", "费用科目", "收款方", "金额（元）", "用途"], folder: house.folder)
        try book.add([
            [.text("X-1"), .day(report.from), .text("业务费"), .text("甲公司"), .money(Money(fen: 1_234_56)), .text("材料")],
            [.number(17), .text("\(report.from)"), .text("业务费"), .text("乙公司"), .text("1,000.5"), .text("加工")],
        ])
        try book.close()
        let sheet = Array(try #require(FileManager.default.contents(atPath: path)))
        let result = try await house.funding.spending.load(
            sheet, name: "v.xlsx", into: report.id, isDry: false, by: applicant)
        #expect(result.isWritten)
        let vouchers = try await house.vouchers(report)
        #expect(Set(vouchers.map(\.draft.number)) == ["X-1", "17"])
        #expect(Money.sum(vouchers.map(\.draft.amount)) == Money(fen: 1_234_56 + 1_000_50))
        // 凭证号,日期,费用科目,收款方,金额,用途 … in GB 18030, made by iconv.
        let gb = Process()
        gb.executableURL = URL(fileURLWithPath: "/usr/bin/iconv")
        gb.arguments = ["-f", "UTF-8", "-t", "GB18030"]
        let (input, output) = (Pipe(), Pipe())
        gb.standardInput = input
        gb.standardOutput = output
        try gb.run()
        input.fileHandleForWriting.write(Data(csv(report, ["G-1,DAY,业务费,丙公司,5.00,纸张,"]).utf8))
        try input.fileHandleForWriting.close()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        gb.waitUntilExit()
        #expect(String(validating: bytes, as: UTF8.self) == nil)
        let chinese = try await house.funding.spending.load(
            bytes, name: "gb.csv", into: report.id, isDry: false, by: applicant)
        #expect(chinese.isWritten)
    }

    @Test("What is no file of vouchers is refused as a whole")
    func bad() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        func load(_ bytes: [UInt8]) async throws {
            _ = try await house.funding.spending.load(bytes, name: "x", into: report.id, isDry: false, by: applicant)
        }
        await #expect(throws: FilledTableError.empty) { try await load([]) }
        await #expect(throws: FilledTableError.empty) { try await load(Array(Self.header.utf8)) }
        await #expect(throws: FilledTableError.encoding) { try await load([0xFF, 0xFE, 0x00, 0x41]) }
        await #expect(throws: FilledTableError.self) { try await load(Array("a,b\n1,2\n".utf8)) }
        await #expect(throws: SpreadsheetError.notASpreadsheet) { try await load([0x50, 0x4B, 0x03, 0x04, 0, 0, 0]) }
        var random = SeededRandom(seed: 5)
        for _ in 0..<50 {
            let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            await #expect(throws: (any Error).self) { try await load(bytes) }
            await #expect(throws: (any Error).self) { try await load([0x50, 0x4B, 0x03, 0x04] + bytes) }
        }
        #expect(try await house.vouchers(report).isEmpty)
    }
}
