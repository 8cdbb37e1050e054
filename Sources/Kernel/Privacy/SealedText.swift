public import Store

/// A short text of a person, such as a mail address, as it lies in a column of texts: `sealed:` and the sealed bytes in
/// hexadecimal text; the empty text where there is none. Rows from before their column was sealed hold it in the clear
/// until ``Sealing`` comes to them, and so does what processes of an earlier version write beside this one.
public struct SealedText: Hashable, Sendable, SQLConvertible {
    /// What tells a sealed text from one in the clear.
    static let prefix = "sealed:"

    /// No text.
    public static let empty = SealedText(stored: "")

    /// What stands in the column.
    let stored: String

    init(stored: String) { self.stored = stored }

    /// Seals a text; an empty one stays empty.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    public init(_ text: String, by vault: Vault) throws {
        stored = text.isEmpty ? "" : SealedText.prefix + Digest.hex(try vault.seal(text))
    }

    /// Seals a text from the moment on when no process of the version before is left, which would take what is sealed
    /// for the text itself.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    public init(_ text: String, by vault: Vault, at now: Instant) throws {
        if vault.sealsContacts(at: now) || text.hasPrefix(SealedText.prefix) {
            try self.init(text, by: vault)
        } else {
            self.init(stored: text)
        }
    }

    public init(sqlValue: SQLValue) throws { stored = try String(sqlValue: sqlValue) }
    public var sqlValue: SQLValue { .text(stored) }

    public var isEmpty: Bool { stored.isEmpty }

    /// The text.
    /// - Throws: ``AccessError/unreadableSecret`` where no key of the ring fits.
    public func text(_ vault: Vault) throws -> String {
        guard isSealed else { return stored }
        guard let bytes else { throw AccessError.unreadableSecret }
        return try vault.open(bytes)
    }

    /// An address may begin like a sealed text, and never is one: those have no `@`.
    private var isSealed: Bool { stored.hasPrefix(SealedText.prefix) && !stored.contains("@") }

    /// SQL that is true of a row with a sealed text in a column.
    static func isSealed(_ column: SQL) -> SQL {
        "(\(column) LIKE \(SealedText.prefix + "%") AND \(column) NOT LIKE '%@%')"
    }

    /// The sealed bytes; nil where the text lies in the clear or there is none.
    var bytes: [UInt8]? {
        guard isSealed else { return nil }
        return Hex.bytes(String(stored.dropFirst(SealedText.prefix.count)))
    }

    /// The same text under the newest key; nil where that has sealed it already.
    /// - Throws: ``AccessError``.
    func renewed(by vault: Vault) throws -> SealedText? {
        if let bytes, vault.isCurrent(bytes) { return nil }
        return try SealedText(try text(vault), by: vault)
    }
}
