import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Funding

@Suite("Import")
struct ImportTests {
    private static let map = ImportMap(
        funder: "test",
        columns: ["number": "编号", "title": "名称", "host": "单位", "investigator": "负责人", "amount": "金额", "term": "起止"],
        unit: .tenThousand, missing: ["无"])
    private static let rooms =
        House.migrations + [Ledger.migrations] + Funding.migrations
    private static let zone = CityZone(name: "Asia/Shanghai")!
    private static let header = "编号,名称,单位,负责人,金额,起止\r\n"

    private func run(
        _ text: String, _ engine: Engine = .sqlite, on db: Database? = nil, map: ImportMap = map, dry: Bool = false,
        skips: Bool = false
    ) async throws -> (Importer.Report, Database) {
        let target: Database
        if let db {
            target = db
        } else {
            target = try await TestStore.open(engine, Self.rooms)
        }
        let importer = Importer(db: target, clock: StandingClock(Instant(microseconds: 1)), zone: Self.zone)
        return (
            try await importer.run(.awards, Array(text.utf8), map: map, isDry: dry, skipsRefused: skips), target
        )
    }

    private func count(_ db: Database) async throws -> Int? {
        try await db.read { tx in try tx.value("SELECT COUNT(*) FROM imported_record") }
    }

    @Test("The same file twice changes nothing; a changed line changes one record", arguments: TestStore.engines)
    func twice(engine: Engine) async throws {
        let file = Self.header + "1,\"甲, 乙\",某大学,张三,18,2018.01-2020.12\r\n2,丙,某医院,李四,\"1,000.5\",无\r\n"
        let (first, db) = try await run(file, engine)
        #expect(first.count(.imported) == 2 && first.isWritten)
        #expect(first.total == Money(fen: 1_018_500_000) && first.hosts == 2)
        let (second, _) = try await run(file, on: db)
        #expect(second.count(.unchanged) == 2 && !second.isWritten)
        let (third, _) = try await run(file.replacing(",18,", with: ",19,"), on: db)
        #expect(third.count(.changed) == 1 && third.count(.unchanged) == 1)
        #expect(try await count(db) == 2)
        // In the books the corrected award replaces the first by a reversal.
        let (balance, report) = try await db.read { tx in
            try (
                Balances.now(LedgerAccount.project(.commitment, "test", year: 2018, "1"), tx), LedgerCheck.run(tx)
            )
        }
        #expect(balance?.balance == Money(fen: 19_000_000) && balance?.inward == Money(fen: 19_000_000))
        #expect(report.postings == 4 && report.reversals == 1 && report.faults == [])
    }

    @Test("A header in the middle and a repeated line are counted, not taken")
    func repeated() async throws {
        let file = Self.header + "1,甲,某大学,张三,18,2018.01-2020.12\n" + Self.header + "1,甲,某大学,张三,18,2018.01-2020.12\n"
        let (report, db) = try await run(file)
        #expect(report.count(.repeated) == 2 && report.count(.imported) == 1 && report.lines.count == 3)
        #expect(try await count(db) == 1)
    }

    @Test("One bad line keeps the whole file out, unless it is left out on purpose", arguments: TestStore.engines)
    func allOrNothing(engine: Engine) async throws {
        let file =
            Self.header
            + "1,甲,某大学,张三,18,2018.01-2020.12\n2,乙,某大学,张三,很多,2018.01-2020.12\n,丙,某大学,张三,1,\n3,丁,,张三,1,\n4,戊\n1,己,某大学,张三,5,\n"
        let (report, db) = try await run(file, engine)
        #expect(report.count(.refused) == 5 && !report.isWritten)
        #expect(report.lines.filter { $0.outcome == .refused }.allSatisfy { $0.note?.zh.isEmpty == false })
        #expect(try await count(db) == 0)
        let (skipped, _) = try await run(file, on: db, skips: true)
        #expect(skipped.isWritten)
        #expect(try await count(db) == 1)
    }

    @Test("A dry run writes nothing")
    func dry() async throws {
        let (report, db) = try await run(Self.header + "1,甲,某大学,张三,18,\n", dry: true)
        #expect(report.count(.imported) == 1 && !report.isWritten)
        #expect(try await count(db) == 0)
    }

    @Test("GB 18030 is read when the map says so, and the wrong encoding is told")
    func encodings() async throws {
        // 编号,名称,单位,负责人,金额\n1,甲,某大学,张三,18\n in GB 18030.
        let bytes: [UInt8] = [
            0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0xC3, 0xFB, 0xB3, 0xC6, 0x2C, 0xB5, 0xA5, 0xCE, 0xBB, 0x2C, 0xB8, 0xBA, 0xD4,
            0xF0, 0xC8, 0xCB, 0x2C, 0xBD, 0xF0, 0xB6, 0xEE, 0x0A, 0x31, 0x2C, 0xBC, 0xD7, 0x2C, 0xC4, 0xB3, 0xB4, 0xF3,
            0xD1, 0xA7, 0x2C, 0xD5, 0xC5, 0xC8, 0xFD, 0x2C, 0x31, 0x38, 0x0A,
        ]
        let db = try await TestStore.open(.sqlite, Self.rooms)
        let importer = Importer(db: db, clock: StandingClock(Instant(microseconds: 1)), zone: Self.zone)
        func run(_ encoding: TextEncoding) async throws -> Importer.Report {
            let map = ImportMap(funder: "gb", encoding: encoding, columns: Self.map.columns, unit: .tenThousand)
            return try await importer.run(.awards, bytes, map: map, isDry: false, skipsRefused: false)
        }
        await #expect(throws: ImportError.encoding("utf-8")) { try await run(.utf8) }
        #expect(try await run(.gb18030).count(.imported) == 1)
        let host: String? = try await db.read { tx in try tx.value("SELECT host FROM imported_record") }
        #expect(host == "某大学")
    }

    @Test("An empty file and a missing column are refused as a whole")
    func wholeFile() async throws {
        await #expect(throws: ImportError.empty) { try await run("") }
        await #expect(throws: ImportError.columns(["金额"])) { try await run("编号,名称,单位,负责人\n1,2,3,4\n") }
    }

    /// The folder of real data, where it is.
    private static var data: String? {
        let given = ProcessInfo.processInfo.environment["KECHUANG_TEST_DATA"]
        let path = given ?? "\(FileManager.default.currentDirectoryPath)/../shared/data"
        return FileManager.default.fileExists(atPath: "\(path)/nsfc-awards-2017.csv") ? path : nil
    }

    private static func published(_ name: String) throws -> [UInt8] {
        let folder = try #require(data)
        return Array(try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
    }

    private static func importer(_ engine: Engine) async throws -> (Database, Importer) {
        let db = try await TestStore.open(engine, rooms)
        return (db, Importer(db: db, clock: StandingClock(Instant(microseconds: 1)), zone: zone))
    }

    @Test("The published awards of 2017 add up to the fen", .enabled(if: data != nil), arguments: TestStore.engines)
    func realAwards(engine: Engine) async throws {
        let bytes = try Self.published("nsfc-awards-2017.csv")
        let map = ImportMap(
            funder: "nsfc",
            columns: [
                "number": "项目批准号", "kind": "项目类别", "title": "项目名称", "host": "依托单位", "investigator": "负责人",
                "amount": "金额", "term": "起止年月", "rating": "总评",
            ], unit: .tenThousand)
        let (db, importer) = try await Self.importer(engine)
        let report = try await importer.run(.awards, bytes, map: map, isDry: false, skipsRefused: false)
        #expect(report.count(.imported) == 17_926 && report.hosts == 892)
        #expect(report.total == Money(fen: 599_106_130_000))
        let again = try await importer.run(.awards, bytes, map: map, isDry: false, skipsRefused: false)
        #expect(again.count(.unchanged) == 17_926 && !again.isWritten)
        let stored: Money? = try await db.read { tx in try tx.value("SELECT SUM(amount_fen) FROM imported_record") }
        #expect(stored == report.total)
        try await books(db, hold: report.total)
    }

    @Test("Every row of the published calls is accounted for", .enabled(if: data != nil), arguments: TestStore.engines)
    func realCalls(engine: Engine) async throws {
        let bytes = try Self.published("funding-calls-2017.csv")
        let map = ImportMap(
            funder: "collected-2017",
            columns: [
                "number": "Unnamed: 0", "title": "项目名称", "source": "项目来源", "published": "发布时间", "closes": "截止时间",
            ])
        let (db, importer) = try await Self.importer(engine)
        let report = try await importer.run(.calls, bytes, map: map, isDry: false, skipsRefused: false)
        #expect(report.lines.count == 15_510)
        // 1,700 rows stand twice in the file, word for word; 82 closing days are written otherwise, one does not exist.
        #expect(report.count(.imported) == 13_810 && report.count(.repeated) == 1_700 && report.count(.refused) == 0)
        #expect(report.lines.count { $0.outcome == .imported && $0.note != nil } == 83)
        let stored: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM imported_record") }
        #expect(stored == 13_810)
        let again = try await importer.run(.calls, bytes, map: map, isDry: false, skipsRefused: false)
        #expect(again.count(.unchanged) == 13_810 && again.count(.repeated) == 1_700 && !again.isWritten)
    }

    private static let separators = CharacterSet(charactersIn: " ,")

    /// The awards stand in the books as commitments, and each export adds up to the published total.
    private func books(_ db: Database, hold total: Money) async throws {
        let (commitments, check) = try await db.read { tx in
            try (
                tx.value("SELECT SUM(in_fen - out_fen) FROM ledger_account WHERE kind = 'commitment'") as Money?,
                LedgerCheck.run(tx)
            )
        }
        #expect(commitments == total && check.total == total && check.faults == [])
        for format in BookFormat.allCases {
            let text = try await db.read { tx in
                var bytes: [UInt8] = []
                try withUnsafeMutablePointer(to: &bytes) { bytes in
                    _ = try BookExport.write(format, tx) { bytes.pointee += $0 }
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            // Added up from the text alone: the amount of every line that names a commitment.
            var fen: Int64 = 0
            for line in text.components(separatedBy: .newlines) {
                let cells = line.components(separatedBy: Self.separators).filter { !$0.isEmpty }
                guard !line.hasPrefix("account"), !line.contains(" open "),
                    let place = cells.firstIndex(where: {
                        $0.hasPrefix("commitment:") || $0.hasPrefix("Assets:Commitment:")
                    }), place + 1 < cells.count
                else { continue }
                fen += try Money(parsing: cells[place + 1]).fen
            }
            #expect(Money(fen: fen) == total, "\(format)")
        }
    }
}
