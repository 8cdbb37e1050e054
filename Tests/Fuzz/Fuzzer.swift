import CFuzzer
import Foundation
import ReaderTestSupport

/// libFuzzer round one reader, which `KECHUANG_FUZZ_READER` names. `--list` prints every reader with the bytes of its
/// longest input, `--examples FOLDER` writes inputs to begin with and the words of its language for each of them.
@main
enum Fuzzer {
    private static let named = ProcessInfo.processInfo.environment["KECHUANG_FUZZ_READER"] ?? ""
    private static let reader = OutsideReader.all.first { $0.name == named }

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "--list": for reader in OutsideReader.all { print(reader.name, reader.longest) }
        case "--examples": for reader in OutsideReader.all { try write(reader, to: arguments.last ?? ".") }
        default:
            guard reader != nil else { fail("KECHUANG_FUZZ_READER is none of those of --list: '\(named)'") }
            run()
        }
    }

    private static func run() -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let code = LLVMFuzzerRunDriver(&count, &arguments) { bytes, size in
            do {
                _ = try Fuzzer.reader?.read(Array(UnsafeBufferPointer(start: bytes, count: size)))
            } catch {
                // Ends here as a trap does, so that libFuzzer keeps the input.
                fatalError("\(error)")
            }
            return 0
        }
        exit(code)
    }

    private static func write(_ reader: OutsideReader, to folder: String) throws {
        let place = URL(filePath: folder).appending(path: reader.name)
        let examples = place.appending(path: "examples")
        try? FileManager.default.removeItem(at: examples)
        try FileManager.default.createDirectory(at: examples, withIntermediateDirectories: true)
        for (number, bytes) in (try reader.good() + reader.bad).enumerated() {
            try Data(bytes).write(to: examples.appending(path: String(number)))
        }
        let words = reader.words.filter { !$0.isEmpty }.map { word in "\"\(word.map(escaped).joined())\"\n" }
        try Data(words.joined().utf8).write(to: place.appending(path: "words"))
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            String(Unicode.Scalar(byte))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    private static func fail(_ words: String) -> Never {
        FileHandle.standardError.write(Data("error: \(words)\n".utf8))
        exit(2)
    }
}
