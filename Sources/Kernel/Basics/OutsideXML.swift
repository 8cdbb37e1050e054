internal import Foundation
public import FoundationXML

/// XML that came from outside, before anything reads it. Foundation's parser ends the process on names that are not
/// UTF-8 and on an instruction without data (`<?a?>`), and a document type can define entities without end: what a file
/// of a bank or a spreadsheet never needs is not taken at all.
public enum OutsideXML {
    /// Why a file is not read.
    public enum Refusal: Error, Hashable, Sendable {
        case notUTF8
        case documentType
        case instruction
    }

    /// A parser for a file, which looks nothing up.
    /// - Throws: ``Refusal``.
    public static func parser(_ bytes: some Collection<UInt8>) throws(Refusal) -> XMLParser {
        // A zero byte speaks of UTF-16, which passes for UTF-8 where it holds Latin letters only.
        guard !bytes.isEmpty, !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw .notUTF8
        }
        var rest = Data(bytes)
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        if rest.starts(with: "<?xml".utf8), rest.dropFirst(5).first.map({ $0 <= 0x20 }) == true {
            let declaration = rest.prefix { $0 != UInt8(ascii: ">") }
            // Another encoding could hide what is looked for here.
            guard isUTF8(String(decoding: declaration, as: UTF8.self)) else { throw .notUTF8 }
            rest = rest.dropFirst(declaration.count)
        }
        guard rest.range(of: Data("<!DOCTYPE".utf8)) == nil else { throw .documentType }
        guard rest.range(of: Data("<?".utf8)) == nil else { throw .instruction }
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        return parser
    }

    private static func isUTF8(_ declaration: String) -> Bool {
        let parts = declaration.components(separatedBy: "encoding")
        guard parts.count > 1 else { return true }
        let quotes: Set<Character> = ["\"", "'"]
        let name = parts[1].drop { !quotes.contains($0) }.dropFirst().prefix { !quotes.contains($0) }
        return parts.count == 2 && ["utf-8", "utf8", "us-ascii"].contains(name.lowercased())
    }
}
