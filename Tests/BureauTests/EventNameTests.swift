import BureauTestSupport
import Foundation
import HouseTestSupport
import Kernel
import Testing

@testable import Bureau

/// Reads the source for every kind of event that it can raise: those of which no story tells must be named as well.
@Suite("Names of events")
struct EventNameTests {
    private struct File {
        let folder: String
        let text: String
    }

    /// A function that writes events of which its caller says the kind.
    private struct Writer: Hashable {
        let name: String
        /// The folder in which it is called; nil for all, where the kind is given whole.
        var folder: String?
        /// What stands before the word that the caller gives.
        var prefix = ""
    }

    private static let files: [File] = {
        let base = "\(TestHouse.root)/Sources"
        let paths = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        // That one names faults of a log, by functions of the same name.
        let sources = paths.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("/LogVerifier.swift") }.sorted()
        return sources.compactMap { path in
            guard let text = try? String(contentsOfFile: "\(base)/\(path)", encoding: .utf8) else { return nil }
            return File(folder: path.split(separator: "/").dropLast().joined(separator: "/"), text: text)
        }
    }()

    /// What stands in the brackets of a pattern, wherever it is found in a text.
    private static func found(_ pattern: String, in text: String) -> [[String]] {
        guard let regex = try? NSRegularExpression(pattern: pattern, options: .dotMatchesLineSeparators) else {
            return []
        }
        return regex.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
            (1..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        }
    }

    private static func kinds(in text: String) -> [String] {
        found("\"([a-z][a-z-]*\\.[a-z][a-z-]*)\"", in: text).map { $0[0] }
    }

    /// Kinds that are written where the event is made, and the functions that are told them.
    private static func read() -> (kinds: Set<String>, writers: Set<Writer>) {
        var (known, writers): (Set<String>, Set<Writer>) = ([], [])
        for file in files {
            let parts = file.text.components(separatedBy: "Event(")
            for (index, part) in parts.enumerated().dropFirst() {
                let written = found("^\\s*room:.*?\\bkind:\\s*(.*?),\\s*subjectKind", in: part)
                guard let kind = written.first?[0] else { continue }
                let whole = kinds(in: kind)
                known.formUnion(whole)
                let before = parts[..<index].joined()
                guard whole.isEmpty, let name = found("func (\\w+)\\(", in: before).last?[0] else { continue }
                let prefix = found("^\"([a-z-]+\\.)\\\\\\(", in: kind).first?[0]
                writers.insert(
                    prefix.map { Writer(name: name, folder: file.folder, prefix: $0) } ?? Writer(name: name))
            }
            // Named apart from where it is written.
            for line in file.text.components(separatedBy: "\n") where line.contains("let event =") {
                known.formUnion(kinds(in: line))
            }
        }
        return (known, writers)
    }

    private static func raised() -> Set<String> {
        let (written, writers) = read()
        var known = written
        for file in files {
            for call in found("(?<!func )\\b(\\w+)\\(\\s*([^(),]*)[,)]", in: file.text) {
                for writer in writers where writer.name == call[0] {
                    guard let folder = writer.folder else {
                        known.formUnion(kinds(in: call[1]))
                        continue
                    }
                    guard file.folder == folder else { continue }
                    known.formUnion(found("\"([a-z][a-z-]*)\"", in: call[1]).map { writer.prefix + $0[0] })
                }
            }
        }
        return known
    }

    @Test("Every kind that the source raises has a name by which auditors choose it")
    func kindsAreNamed() throws {
        let raised = Self.raised()
        // Written whole, by one's caller, and in parts.
        for kind in ["outage.measured", "incident.told", "meeting.vote-opened", "ballot.cast", "talent.exported"] {
            #expect(raised.contains(kind), "\(kind) was not found")
        }
        #expect(raised.count > 150)
        let actions = EventNames.actions(try TestCity.shenzhen().procedures)
        for kind in raised.sorted() {
            #expect(EventNames.names[kind] != nil || actions[kind] != nil, "\(kind) has no name")
        }
    }

    @Test("Every sort of thing that an event is about has a name, those that are erased included")
    func subjectsAreNamed() {
        var sorts = Set(Services.sealed.map(\.table)).union(Services.personal.map(\.table))
        #expect(sorts.count > 8)
        for file in Self.files {
            sorts.formUnion(Self.found("\\bsubjectKind:\\s*\"([a-z-]+)\"", in: file.text).map { $0[0] })
        }
        #expect(sorts.count > 40)
        for sort in sorts.sorted() { #expect(EventNames.subjects[sort] != nil, "\(sort) has no name") }
    }
}
