import Foundation
import Testing

@Suite("House rules")
struct HouseRulesTests {
    @Test("A room imports only what stands below it")
    func arrowsGoDown() {
        let mayImport: [String: Set<String>] = [
            "Store": [],
            "StoreTestSupport": ["Store"],
            "HouseTestSupport": ["Kernel", "Store", "StoreTestSupport"],
            "BureauTestSupport": [
                "Bureau", "Funding", "Portal", "Treasury", "Review", "Kernel", "Store", "StoreTestSupport",
                "HouseTestSupport",
            ],
            "ReaderTestSupport": [
                "Funding", "Strategy", "Transfer", "Portal", "Treasury", "Review", "Kernel", "Proof",
            ],
            "Proof": [],
            "YAMLReading": [],
            "Kernel": ["YAMLReading", "Proof", "Store"],
            "Judgement": [],
            "JudgementTestSupport": ["Judgement"],
            "Review": ["Judgement", "Kernel", "Store"],
            "Ledger": ["Kernel", "Store"],
            "Treasury": ["Ledger", "Kernel", "Store"],
            "Portal": ["Kernel", "Store"],
            "Funding": ["Portal", "Review", "Treasury", "Ledger", "Kernel", "Store"],
            "Talent": ["Portal", "Kernel", "Store"],
            "Strategy": ["Portal", "Kernel", "Store"],
            "InnovationSystem": ["Portal", "Review", "Kernel", "Store"],
            "Integrity": ["Portal", "Review", "Kernel", "Store"],
            "BasicResearch": ["Portal", "Kernel", "Store"],
            "KeyProjects": ["Portal", "Kernel", "Store"],
            "Transfer": ["Portal", "Kernel", "Store"],
            "Cooperation": ["Portal", "Kernel", "Store"],
            "Awards": ["Portal", "Review", "Kernel", "Store"],
            "Assignments": ["Portal", "Kernel", "Store"],
            "Bureau": [
                "Strategy", "InnovationSystem", "Funding", "Integrity", "BasicResearch", "KeyProjects", "Transfer",
                "Talent", "Cooperation", "Awards", "Assignments", "Portal", "Review", "Treasury", "Ledger", "Kernel",
                "Proof", "Store", "YAMLReading",
            ],
            "kechuang": ["Bureau", "Funding", "Review", "Judgement", "Ledger", "Kernel", "Proof", "Store"],
        ]
        let own = Set(mayImport.keys)
        for file in SourceTree.sources where !file.path.hasPrefix("Sources/C/") {
            guard let allowed = mayImport[file.room] else {
                Issue.record("\(file.path): the room \(file.room) has no line in the table of arrows")
                continue
            }
            for name in imports(file) where own.contains(name) {
                #expect(allowed.contains(name), "\(file.path) imports \(name), which does not stand below it")
            }
        }
    }

    @Test("Libraries of the world enter by their own room only")
    func librariesHaveOneDoor() {
        let doors: [String: Set<String>] = [
            "GRDB": ["Store"], "CPostgres": ["Store", "StoreTestSupport"], "Hummingbird": ["Portal"],
            "HummingbirdCore": ["Portal"], "ArgumentParser": ["kechuang"],
            "CCrypto": ["Kernel", "Proof", "HouseTestSupport"], "CMagic": ["Kernel"], "CQREncode": ["Kernel"],
            "CZip": ["Kernel"], "CCurl": ["Kernel"], "CFido": ["Kernel"], "CXlsx": ["Kernel"],
            "CLemon": ["Judgement"], "CNear": ["Judgement"], "CYAML": ["YAMLReading"],
        ]
        for file in SourceTree.sources {
            for name in imports(file) {
                guard let rooms = doors[name] else { continue }
                #expect(rooms.contains(file.room), "\(file.path) imports \(name)")
            }
        }
    }

    @Test("A file has at most 400 lines of at most 120 characters")
    func filesAreShort() {
        for file in SourceTree.sources + SourceTree.tests {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
        }
        for file in SourceTree.sources {
            for (index, line) in file.lines.enumerated() where line.count > 120 && !isText(line) {
                Issue.record("\(file.path):\(index + 1) has \(line.count) characters")
            }
        }
    }

    @Test("A function has at most 60 lines")
    func functionsAreShort() {
        for file in SourceTree.sources {
            for (line, length) in functions(file) where length > 60 {
                Issue.record("\(file.path):\(line) is \(length) lines long")
            }
        }
    }

    @Test("No source holds a phrase that the house forbids")
    func noForbiddenPhrase() {
        let forbidden: [(phrase: String, allowed: [String])] = [
            ("print(", ["Sources/kechuang"]),
            ("try!", []), ("as!", []), ("fatalError(", []), ("TODO", []), ("FIXME", []),
            ("Date()", ["Sources/Kernel/Time", "Sources/Kernel/Basics"]),
            ("UUID()", ["Sources/Kernel/Time", "Sources/Kernel/Basics"]),
            ("@unchecked Sendable", ["Sources/Store"]),
            ("Task.detached", ["Sources/Portal/HTTP/ClosingDoor.swift"]),
            ("nonisolated(unsafe)", []),
        ]
        for file in SourceTree.sources where !file.path.hasPrefix("Sources/C/") {
            for (index, line) in file.lines.enumerated() {
                let code = line.components(separatedBy: "//").first ?? ""
                for (phrase, allowed) in forbidden where code.contains(phrase) {
                    let excused = allowed.contains { file.path.hasPrefix($0) }
                    #expect(excused, "\(file.path):\(index + 1) holds \(phrase)")
                }
            }
        }
    }

    @Test("A text in two languages has both, and no Chinese stands in the English one")
    func textsAreInBoth() throws {
        // A quotation of what people write, and the measure word that English has not.
        let quoted = ["第一条", "30万元", "项"]
        let text = "\"((?:[^\"\\\\]|\\\\.)*)\""
        let pair = try NSRegularExpression(pattern: "(?:Bilingual|\\bt)\\(\\s*\(text),\\s*\(text)\\s*\\)")
        var count = 0
        for file in SourceTree.sources {
            let code = file.lines.joined(separator: "\n")
            for match in pair.matches(in: code, range: NSRange(code.startIndex..., in: code)) {
                guard let zh = Range(match.range(at: 1), in: code), let en = Range(match.range(at: 2), in: code) else {
                    continue
                }
                count += 1
                let (chinese, english) = (String(code[zh]), String(code[en]))
                let isExcused = quoted.contains { english.contains($0) || chinese == $0 }
                // What is put in, such as a name, is in neither language.
                let bare = english.replacing(/\\\([^)]*\)/, with: "")
                let isMissing = !chinese.isEmpty && english.isEmpty
                #expect(
                    isExcused || !(isMissing || bare.contains(/\p{Han}/)), "\(file.path): \(chinese) | \(english)")
            }
        }
        #expect(count > 7_000)
    }

    @Test("Every type and function that the kernel shows to others says what it means")
    func publicNamesAreDocumented() {
        for file in SourceTree.sources {
            for (index, line) in file.lines.enumerated() {
                let trimmed = line.trimmingCharacters(in: .whitespaces)
                guard isPublicType(trimmed) else { continue }
                var above = index - 1
                while above >= 0, file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
                let documented = above >= 0 && file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
                // A nested type is documented by the type round it when it stands indented without a comment.
                if !documented && !line.hasPrefix(" ") {
                    Issue.record("\(file.path):\(index + 1) has no doc comment: \(trimmed)")
                }
            }
        }
    }

    private func isPublicType(_ line: String) -> Bool {
        ["public struct ", "public enum ", "public final class ", "public actor ", "public protocol "]
            .contains { line.hasPrefix($0) }
    }

    private func imports(_ file: SourceTree.File) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1,
                line.first?.isLetter == true || line.first == "@"
            else { return nil }
            let name = words[words.count - 1]
            return name.split(separator: ".").first.map(String.init)
        }
    }

    /// Sentences in two languages may be long; code may not.
    private func isText(_ line: String) -> Bool { line.contains("\"") }

    /// First line and length of each function, by the indentation of its closing brace.
    private func functions(_ file: SourceTree.File) -> [(line: Int, length: Int)] {
        var found: [(Int, Int)] = []
        for (index, line) in file.lines.enumerated() {
            let trimmed = line.drop { $0 == " " }
            let isFunction =
                trimmed.contains("func ") && !trimmed.hasPrefix("//") && !trimmed.hasPrefix("\"")
                && !trimmed.hasSuffix("}")
            guard isFunction else { continue }
            let indent = line.count - trimmed.count
            let closing = String(repeating: " ", count: indent) + "}"
            guard let end = file.lines[index...].firstIndex(where: { $0 == closing || $0.hasPrefix(closing + " ") })
            else { continue }
            found.append((index + 1, end - index + 1))
        }
        return found
    }
}
