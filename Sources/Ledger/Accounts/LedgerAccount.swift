import Kernel
public import Store

/// The identity of an account: its kind and what it is about, written `commitment:natural-science:2026:kj2026-00001`.
public struct LedgerAccount: Hashable, Sendable, Codable, Comparable, CustomStringConvertible, SQLConvertible {
    public let kind: AccountKind
    /// As ``AccountKind/parts`` says: lower-case letters, digits and hyphens each; a year has four digits.
    public let parts: [String]
    /// The written form.
    public let text: String

    /// - Throws: ``LedgerError/accountName(_:)``.
    public init(_ kind: AccountKind, _ parts: [String]) throws(LedgerError) {
        let text = ([kind.rawValue] + parts).joined(separator: ":")
        guard parts.count == kind.parts.count, zip(kind.parts, parts).allSatisfy(LedgerAccount.fits) else {
            throw .accountName(text)
        }
        self.init(checked: kind, parts)
    }

    /// Reads the written form.
    /// - Throws: ``LedgerError/accountName(_:)``.
    public init(_ text: String) throws(LedgerError) {
        let words = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let kind = words.first.flatMap(AccountKind.init(rawValue:)) else { throw .accountName(text) }
        try self.init(kind, Array(words.dropFirst()))
    }

    private init(checked kind: AccountKind, _ parts: [String]) {
        self.kind = kind
        self.parts = parts
        text = "\(kind.rawValue):\(parts.joined(separator: ":"))"
    }

    /// Where money of a year comes from.
    public static func source(_ source: String, year: Int) -> LedgerAccount {
        LedgerAccount(checked: .source, [code(source), padded(year, 4)])
    }

    public static func appropriation(_ source: String, year: Int) -> LedgerAccount {
        LedgerAccount(checked: .appropriation, [code(source), padded(year, 4)])
    }

    public static func lapsed(_ source: String, year: Int) -> LedgerAccount {
        LedgerAccount(checked: .lapsed, [code(source), padded(year, 4)])
    }

    /// A programme's budget of a year.
    public static func budget(_ programme: String, year: Int) -> LedgerAccount {
        LedgerAccount(checked: .budget, [code(programme), padded(year, 4)])
    }

    /// What is set aside for a call.
    public static func reserve(_ programme: String, year: Int, call: String) -> LedgerAccount {
        LedgerAccount(checked: .reserve, [code(programme), padded(year, 4), code(call)])
    }

    /// A station of a project's money.
    /// - Throws: ``LedgerError/accountName(_:)`` for a kind that is not about a project.
    public static func project(
        _ kind: AccountKind, _ programme: String, year: Int, _ project: String
    ) throws(LedgerError) -> LedgerAccount {
        try LedgerAccount(kind, [code(programme), padded(year, 4), code(project)])
    }

    /// What a project spent under a cost heading.
    public static func spent(_ programme: String, year: Int, _ project: String, heading: String) -> LedgerAccount {
        LedgerAccount(checked: .spent, [code(programme), padded(year, 4), code(project), code(heading)])
    }

    /// What a part of the name says; nil where this kind has no such part.
    public subscript(_ part: AccountPart) -> String? {
        kind.parts.firstIndex(of: part).map { parts[$0] }
    }

    /// The budget year; every kind has one.
    public var year: Int { self[.year].flatMap(Int.init) ?? 0 }

    public var description: String { text }

    public static func < (left: LedgerAccount, right: LedgerAccount) -> Bool { left.text < right.text }
    public static func == (left: LedgerAccount, right: LedgerAccount) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Any text as one part of a name. Codes and numbers stay as they are, in lower case; of others the readable rest
    /// is kept and a mark of the whole is added, so that two texts never meet in one account.
    public static func code(_ text: String) -> String {
        let lower = String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
        if isCode(lower) { return lower }
        let rest = lower.utf8.filter { (48...57).contains($0) || (97...122).contains($0) }
        let mark = Digest.hex(Array(Digest.sha256(Array(text.utf8)).prefix(6)))
        return rest.isEmpty ? mark : "\(String(decoding: rest, as: UTF8.self))-\(mark)"
    }

    private static func isCode(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    }

    private static func fits(_ part: AccountPart, _ text: String) -> Bool {
        guard part == .year else { return isCode(text) }
        return text.utf8.count == 4 && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    public var sqlValue: SQLValue { .text(text) }
    public init(sqlValue: SQLValue) throws { try self.init(String(sqlValue: sqlValue)) }
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
