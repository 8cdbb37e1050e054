import Kernel
import Proof

/// A parser of what comes from outside, with good examples of what it reads. One table of them serves the generated
/// inputs of `FuzzTests` and libFuzzer (`script/security fuzzers`).
package struct OutsideReader: CustomStringConvertible, Sendable {
    /// As reports and folders call it.
    package let name: String
    /// Bytes of the longest input that is worth trying.
    package let longest: Int
    private let own: [String]
    private let make: @Sendable () throws -> [[UInt8]]
    private let refused: [String]
    private let parse: @Sendable ([UInt8]) throws -> Void

    /// - Parameters:
    ///   - words: of its language, which mutations put in.
    ///   - good: inputs that it reads.
    ///   - refused: inputs that it must refuse; what once broke it among them.
    ///   - parse: reads an input, and checks what must hold of whatever was read.
    init(
        _ name: String, longest: Int = 4_096, words: [String] = [],
        making good: @escaping @Sendable () throws -> [[UInt8]],
        refused: [String] = [], parse: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.longest = longest
        own = words
        make = good
        self.refused = refused
        self.parse = parse
    }

    /// A reader whose examples are texts.
    init(
        _ name: String, longest: Int = 4_096, words: [String] = [], _ good: [String], refused: [String] = [],
        parse: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.init(
            name, longest: longest, words: words, making: { good.map { Array($0.utf8) } }, refused: refused,
            parse: parse)
    }

    package var description: String { name }

    /// Inputs that it reads.
    package func good() throws -> [[UInt8]] { try make() }

    /// Inputs that it must refuse.
    package var bad: [[UInt8]] { refused.map { Array($0.utf8) } }

    /// What mutations put in: words of its language, and those over which all parsers stumble.
    package var words: [[UInt8]] { own.map { Array($0.utf8) } + Self.stumbling }

    private static let stumbling: [[UInt8]] =
        [
            "\0", "\r\n", "\n", "\"", "'", "<", ">", "&", "%", "%0", "%00", "%ff", "+", "..", "//", "--", "\\", ";",
            "=", ",", "-0", "1e999", "9223372036854775808", "\u{FEFF}", "\u{202E}", "長", "🦊", "e\u{301}",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x81, 0x30]]

    /// Reads an input.
    /// - Returns: whether it was taken; false where it was refused in words.
    /// - Throws: ``ReaderFault`` where the parser failed in another way, or what was read breaks a law.
    package func read(_ bytes: [UInt8]) throws(ReaderFault) -> Bool {
        do {
            try parse(bytes)
            return true
        } catch let fault as ReaderFault {
            throw fault
        } catch let problem as any Problem {
            guard problem.kind != .broken, !problem.message.zh.isEmpty,
                problem.fields.allSatisfy({ !$0.message.zh.isEmpty })
            else { throw ReaderFault("\(name) failed: \(problem)") }
            return false
        } catch is Refusal, is NoteError, is TokenFault, is LogFault {
            return false
        } catch {
            throw ReaderFault("\(name) failed: \(error)")
        }
    }

    /// All of them.
    package static let all: [OutsideReader] = web + texts + proofs + identities + workbooks + files
}

/// What a parser must never do.
package struct ReaderFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A parser found nothing to read, and says so by nothing.
struct Refusal: Error {}

/// - Throws: ``Refusal`` where there is nothing.
func taken<Value>(_ value: Value?) throws(Refusal) -> Value {
    guard let value else { throw Refusal() }
    return value
}

/// What must hold of whatever was read.
/// - Throws: ``ReaderFault``.
func law(_ holds: Bool, _ words: @autoclosure () -> String) throws(ReaderFault) {
    guard holds else { throw ReaderFault(words()) }
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
