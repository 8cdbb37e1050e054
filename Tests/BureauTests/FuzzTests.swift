import Foundation
import Kernel
import Proof
import Testing

@testable import Portal
@testable import Treasury

/// Every parser of what comes from outside is fed broken pieces of what it reads: it refuses in words or reads, and what
/// it reads means the same when it is written and read again. A trap would end the run. `KECHUANG_FUZZ` is the number of
/// inputs for each parser, `KECHUANG_FUZZ_SEED` the seed, which is printed.
@Suite("Fuzzing of parsers", .timeLimit(.minutes(60)))
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["KECHUANG_FUZZ"].flatMap { Int($0) } ?? 2_000
    private static let seed = environment["KECHUANG_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)

    /// Makes inputs out of good ones: bytes flipped, pieces cut, doubled, exchanged and put in from a list of words
    /// that parsers stumble over.
    private struct Maker {
        var random: SeededRandom
        let good: [[UInt8]]

        private static let words: [[UInt8]] =
            [
                "", "\0", "\r\n", "\n", "\"", "'", "<", ">", "&", "%", "%0", "%00", "%ff", "+", "..", "//", "--", "\\",
                "\\u0000", "\\ud800", "1e999", "-0", "9223372036854775808", "null", "]]>", "<!--", "<!DOCTYPE a [",
                "&amp;", "Content-Disposition: form-data; name=", "filename*=UTF-8''%", ";", "=", ",", "\u{FEFF}",
                "\u{202E}", "長", "🦊", "e\u{301}",
            ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x81, 0x30]]

        init(_ good: [String], _ seed: UInt64) {
            random = SeededRandom(seed: seed)
            self.good = good.map { Array($0.utf8) }
        }

        mutating func next() -> [UInt8] {
            guard var bytes = good.randomElement(using: &random) else { return [] }
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                let end = Int.random(in: at...min(bytes.count, at + 40), using: &random)
                switch Int.random(in: 0..<7, using: &random) {
                case 0 where at < bytes.count: bytes[at] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes.removeSubrange(at..<end)
                case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
                case 3: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: at)
                case 4: bytes.removeSubrange(at..<bytes.count)
                case 5:
                    let other = good.randomElement(using: &random) ?? []
                    bytes = Array(bytes[..<at]) + other.suffix(max(0, other.count - at))
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                }
            }
            return bytes
        }
    }

    /// Feeds a parser; it may throw its own kind of problem and nothing else.
    private func feed(_ name: String, _ good: [String], _ parse: ([UInt8]) throws -> Void) {
        var maker = Maker(good, Self.seed)
        var read = 0
        for _ in 0..<Self.count {
            let bytes = maker.next()
            // What ends the process can be found afterwards.
            if let kept = Self.environment["KECHUANG_FUZZ_KEEP"] {
                try? Data(bytes).write(to: URL(filePath: "\(kept).\(name)"))
            }
            do {
                try parse(bytes)
                read += 1
            } catch let problem as any Problem {
                #expect(problem.kind != .broken, "\(name): \(problem.message.en)")
            } catch is NoteError {
            } catch {
                Issue.record("\(name), seed \(Self.seed): \(error) for \(bytes)")
            }
        }
        FileHandle.standardError.write(
            Data("fuzz: \(name) read \(read) of \(Self.count) inputs, seed \(Self.seed)\n".utf8))
    }

    @Test("JSON that is read is written and read again as the same")
    func json() {
        let good = [
            #"{"a":[1,-2,{"b":"x\né\ud83e\udd8a"}],"c":null,"d":true}"#, #"[[[[]]],"",0,9007199254740991]"#,
            #"{"title-zh":"题目","requested":40000000,"budget":{"operations":{"amount":1,"note":null}}}"#,
        ]
        feed("JSON", good) { bytes in
            let value = try JSONValue(parsing: bytes)
            let again = try JSONValue(parsing: Array(value.canonicalText.utf8))
            #expect(again == value, "seed \(Self.seed): \(bytes)")
        }
    }

    @Test("Addresses, queries and forms are read strictly")
    func addresses() {
        feed("addresses", ["/cases/0190aaaa-0000-7000-8000-000000000001?tab=files&q=%E5%9F%BA", "/a%20b/c?x=1+2&x=3"]) {
            let target = try RequestTarget(String(decoding: $0, as: UTF8.self))
            #expect(!target.segments.contains("..") && !target.segments.contains("."))
            #expect(!target.segments.contains { $0.contains("\0") || $0.contains("/") })
        }
        feed("forms", ["login=a&password=b%26c&x=1+2", "a=&b=&=c&d"]) { bytes in
            let fields = try Percent.fields(bytes, limit: 50)
            let text = fields.map { "\(Percent.encode($0.name))=\(Percent.encode($0.value))" }.joined(separator: "&")
            let again = try Percent.fields(Array(text.utf8), limit: 50)
            #expect(again.map(\.name) == fields.map(\.name) && again.map(\.value) == fields.map(\.value))
        }
        feed("headers", ["text/html; charset=\"utf-8\"; a=b", "form-data; name=\"f\"; filename*=UTF-8''%E5%9F%BA.pdf"])
        {
            _ = HeaderText(String(decoding: $0, as: UTF8.self))
        }
        feed("cookies", ["kc_session=abc; kc_language=zh; x", "a=b;;c=d=e"]) {
            _ = CookieJar([String(decoding: $0, as: UTF8.self)], secure: false)["kc_session"]
        }
    }

    @Test("A form with files is the same in whatever pieces it arrives")
    func multipart() {
        let good = [
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--X\r\n--XX--\r\n"
        ]
        func events(_ bytes: [UInt8], pieces: Int) throws -> [MultipartParser.Event] {
            var parser = MultipartParser(boundary: "XX")
            var events: [MultipartParser.Event] = []
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                for event in try parser.feed(bytes[start..<min(bytes.count, start + pieces)]) {
                    // Data may be cut in other places, so neighbours are joined.
                    if case .data(let more) = event, case .data(let before)? = events.last {
                        events[events.count - 1] = .data(before + more)
                    } else {
                        events.append(event)
                    }
                }
            }
            return events
        }
        feed("multipart", good) { bytes in
            let whole = try events(bytes, pieces: max(1, bytes.count))
            for pieces in [1, 7] { #expect(try events(bytes, pieces: pieces) == whole, "seed \(Self.seed): \(bytes)") }
        }
    }

    @Test("Tables, bank answers, notes, logs, money and identifiers refuse what they cannot read")
    func files() throws {
        feed("CSV", ["a,b\r\n\"x,\"\"y\",2\n", "\u{FEFF}名称,金额\n基金,\"1,000.00\"\n"]) {
            _ = CSVText.rows(String(decoding: $0, as: UTF8.self))
        }
        let answer = """
            付款单号,结果,金额,收款账号,记账日期,银行流水号,原因
            FK-2026-00001,已付,"1,234.56",6222000000000000,2026-03-02,LS1,
            """
        let camt = """
            <?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">\
            <BkToCstmrDbtCdtNtfctn><Ntfctn><Id>N</Id><Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>\
            </Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
            """
        feed("bank answers", [answer, camt]) { _ = try AnswerFile.read($0) }
        feed("workbooks", ["PK\u{3}\u{4}xl/workbook.xml", "a;b"]) { _ = try Spreadsheet.rows($0) }
        let signer = try NoteSigner(name: "house.test", seed: [UInt8](repeating: 1, count: 32))
        let note = try SignedNote(
            Checkpoint(origin: "house.test", size: 3, root: TreeHash.leaf([1])).text, by: [signer])
        feed("notes", [note.text, "house.test\n3\n\n— a b\n"]) {
            let note = try SignedNote(parsing: String(decoding: $0, as: UTF8.self))
            _ = try Checkpoint(parsing: note.text)
        }
        let keys = LogKeys(origin: "house.test", keys: [])
        feed("logs", [#"{"format":"kechuang-log-1","origin":"house.test"}"#, #"{"index":0,"leaf":{"seal":"x"}}"#]) {
            var verifier = LogVerifier(keys: keys)
            verifier.take($0)
            verifier.finish()
        }
        feed("money", ["1,234.56", "１２３万元", "12.5亿", "￥1,000"]) {
            let money = try Money(parsing: String(decoding: $0, as: UTF8.self))
            #expect(try Money(parsing: money.yuanText) == money)
        }
        for good in ["91440300MA5EQ1234X", "11010519491231002X", "0000-0002-1825-0097"] {
            feed("identifier", [good]) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                _ = try? USCC(parsing: text)
                _ = try? ResidentID(parsing: text)
                _ = try? ForeignPermanentResidentID(parsing: text)
                _ = try ORCID(parsing: text)
            }
        }
    }
}
