import Foundation
import Kernel
import ReaderTestSupport
import Testing

/// Every parser of what comes from outside is fed broken pieces of what it reads: it refuses in words or reads, and what
/// it reads means the same when it is written and read again. A trap would end the run. `KECHUANG_FUZZ` is the number of
/// inputs for each parser, `KECHUANG_FUZZ_SEED` the seed, which is printed. `script/security fuzzers` gives the same
/// parsers to libFuzzer, which sees which way an input goes.
@Suite("Fuzzing of parsers", .timeLimit(.minutes(60)))
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["KECHUANG_FUZZ"].flatMap { Int($0) } ?? 1_000
    private static let seed = environment["KECHUANG_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)

    /// Makes inputs out of good ones: bytes flipped, pieces cut, doubled, exchanged and put in from a list of words
    /// that parsers stumble over.
    private struct Maker {
        var random: SeededRandom
        let good: [[UInt8]]
        let words: [[UInt8]]

        mutating func next() -> [UInt8] {
            guard var bytes = good.randomElement(using: &random) else { return [] }
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                let end = Int.random(in: at...min(bytes.count, at + 40), using: &random)
                switch Int.random(in: 0..<7, using: &random) {
                case 0 where at < bytes.count: bytes[at] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes.removeSubrange(at..<end)
                case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
                case 3: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: at)
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

    @Test("A parser reads its examples, and refuses what once broke it", arguments: OutsideReader.all)
    func examples(of reader: OutsideReader) throws {
        let good = try reader.good()
        #expect(!good.isEmpty)
        for bytes in good { #expect(try reader.read(bytes), "\(reader) refuses \(text(bytes))") }
        for bytes in reader.bad { #expect(try !reader.read(bytes), "\(reader) takes \(text(bytes))") }
    }

    @Test("A parser reads or refuses in words whatever comes, and keeps its laws", arguments: OutsideReader.all)
    func broken(_ reader: OutsideReader) throws {
        var maker = Maker(random: SeededRandom(seed: Self.seed), good: try reader.good(), words: reader.words)
        var read = 0
        for _ in 0..<Self.count {
            let bytes = maker.next()
            // What ends the process can be found afterwards.
            if let kept = Self.environment["KECHUANG_FUZZ_KEEP"] {
                try? Data(bytes).write(to: URL(filePath: "\(kept).\(reader)"))
            }
            do {
                if try reader.read(bytes) { read += 1 }
            } catch {
                Issue.record("\(reader), seed \(Self.seed): \(error) for \(bytes)")
            }
        }
        FileHandle.standardError.write(
            Data("fuzz: \(reader) read \(read) of \(Self.count) inputs, seed \(Self.seed)\n".utf8))
    }

    @Test("Readers have names of their own, which can be folders")
    func names() {
        let names = OutsideReader.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil })
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(400), as: UTF8.self) }
}
