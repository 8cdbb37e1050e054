import Proof
public import Store

/// The proof that an event stands in the record: what it says, as far as the holder may know, its leaf, the path to
/// the root, and the checkpoint that was signed over it. Needs nothing but public keys to be checked.
public struct Receipt: Sendable, Hashable {
    static let format = "kechuang-receipt-1"

    /// The file.
    public let json: JSONValue

    /// Place in the record, from 0.
    public var index: Int { Int(json["leaf"]?["index"]?.integer ?? 0) }
    /// Leaves of the checkpoint.
    public let size: Int
    /// The hash of the leaf in hexadecimal text.
    public var leafHash: String { Digest.hex(TreeHash.leaf((json["leaf"]?["text"] ?? .null).canonicalBytes).bytes) }
    /// Kind, subject, moment and the like; see ``SealedEvent``.
    public var what: JSONValue { json["parts"]?["what"]?["value"] ?? .null }
    /// What was said, where the holder may know it.
    public var content: JSONValue? { json["parts"]?["content"]?["value"] }
    public var checkpoint: String { json["checkpoint"]?.string ?? "" }

    /// The receipt of the first event of a kind about a subject, e.g. that a letter was written.
    /// - Returns: nil as long as no checkpoint covers it, or where there is no such event.
    public static func find(_ kind: String, about subjectKind: String, _ subject: String, _ tx: Tx) throws -> Receipt? {
        let event: String? = try tx.value(
            """
            SELECT id FROM event WHERE subject_kind = \(subjectKind) AND subject = \(subject) AND kind = \(kind)
            ORDER BY id LIMIT 1
            """)
        return try event.flatMap { try ready($0, showsContent: true, tx) }
    }

    /// The receipt of an event; nil as long as no checkpoint covers it.
    public static func ready(_ event: String, showsContent: Bool, _ tx: Tx) throws -> Receipt? {
        do {
            return try make(event, showsContent: showsContent, tx)
        } catch RecordError.waiting {
            return nil
        }
    }

    /// The receipt of an event under the first checkpoint that covers it.
    /// - Parameter showsContent: whether the holder may know what the event says.
    /// - Throws: ``RecordError/waiting`` before there is one, ``RecordError/unknownEvent``.
    public static func make(_ event: String, showsContent: Bool, _ tx: Tx) throws -> Receipt {
        guard let stored = try Record.event(event, tx) else { throw RecordError.unknownEvent }
        guard let leaf = try Record.leaf(of: event, tx),
            let checkpoint = try RecordStore.checkpoint(covering: leaf.index, tx)
        else { throw RecordError.waiting }
        let sealed = SealedEvent(event: stored, salt: Hex.bytes(leaf.salt) ?? [])
        let shown: [SealedEvent.Part] = showsContent ? [.what, .content] : [.what]
        var parts: [String: JSONValue] = [:]
        for part in SealedEvent.Part.allCases {
            parts[part.rawValue] =
                shown.contains(part)
                ? ["key": .string(Digest.hex(sealed.key(part))), "value": sealed.value(part)]
                : ["digest": .string(sealed.digest(part))]
        }
        let path = try Record.inclusion(of: leaf.index, in: checkpoint.size, tx)
        return Receipt(
            json: [
                "format": .string(format), "parts": .object(parts), "checkpoint": .string(checkpoint.note),
                "leaf": [
                    "index": .integer(Int64(leaf.index)), "text": try JSONValue(parsing: leaf.text, fractions: true),
                ],
                "path": .array(path.map { .string($0.base64) }),
            ], size: checkpoint.size)
    }

    private init(json: JSONValue, size: Int) {
        self.json = json
        self.size = size
    }

    private static let changed = LogFault(
        "receipt.changed", Bilingual("回执所载内容与存证摘要不符", "what the receipt says is not what its leaf was sealed over"))

    /// Reads a receipt and checks all of it.
    /// - Throws: ``LogFault`` with the first thing that does not hold.
    public init(checking json: JSONValue, keys: LogKeys) throws(LogFault) {
        guard json["format"]?.string == Receipt.format, let parts = json["parts"]?.object,
            let text = json["leaf"]?["text"], let index = json["leaf"]?["index"]?.integer,
            let note = json["checkpoint"]?.string, let list = json["path"]?.array
        else { throw LogFault("receipt.form", Bilingual("不是存证回执文件", "this is not a receipt (\(Receipt.format))")) }
        var digests: [String: String] = [:]
        for (name, part) in parts {
            guard let value = part["value"] else {
                digests[name] = part["digest"]?.string ?? ""
                continue
            }
            // What is shown is hashed itself: a digest beside it would vouch for any value.
            guard let key = part["key"]?.string.flatMap(Hex.bytes) else { throw Receipt.changed }
            digests[name] = SealedEvent.digest(value, key: key)
        }
        guard SealedEvent.seal(digests) == text["seal"]?.string else { throw Receipt.changed }
        if let event = text["event"], let what = parts["what"]?["value"], let content = parts["content"]?["value"],
            event != SealedEvent.clear(what, content)
        {
            throw LogFault("receipt.changed", Bilingual("公开内容与回执不符", "the public leaf says something else"))
        }
        let checkpoint = try keys.checkpoint(note)
        let path = list.compactMap { $0.string.flatMap { TreeHash(base64: $0) } }
        let leaf = TreeHash.leaf(text.canonicalBytes)
        guard path.count == list.count,
            TreeProof.includes(
                leaf, at: Int(index), in: checkpoint.size, root: checkpoint.root, path: path)
        else {
            throw LogFault(
                "receipt.not-in-log",
                Bilingual(
                    "证明路径不成立：该条不在 \(checkpoint.size) 条的检查点之内",
                    "the path does not lead to the root: the leaf is not in the log of \(counted(checkpoint.size, "leaf", "leaves"))"
                ))
        }
        self.init(json: json, size: checkpoint.size)
    }
}

/// A published notice with the receipt of its publication, to be checked by anyone.
public enum NoticeFile {
    static let format = "kechuang-notice-1"

    /// - Throws: ``RecordError/waiting`` before a checkpoint covers the notice.
    public static func make(_ notice: Notice, _ tx: Tx) throws -> JSONValue {
        var rows: [NoticeRow] = []
        repeat {
            rows += try NoticeStore.rows(of: notice.id, after: rows.count, limit: 500, tx)
        } while !rows.isEmpty && rows.count.isMultiple(of: 500)
        // Notices of before this file carry the cases of their lines in the hash.
        var content = try Publicity.content(number: notice.number, title: notice.title, intro: notice.intro, rows: rows)
        if Digest.hex(Digest.sha256(content.canonicalBytes)) != notice.contentHash {
            content = try Publicity.content(
                number: notice.number, title: notice.title, intro: notice.intro, rows: rows, withCases: true)
        }
        guard let receipt = try Receipt.find("notice.published", about: "notice", notice.id.text, tx) else {
            throw RecordError.waiting
        }
        return ["format": .string(format), "notice": content, "receipt": receipt.json]
    }

    /// Checks a notice.
    /// - Returns: the receipt of its publication.
    /// - Throws: ``LogFault`` with the first thing that does not hold.
    public static func check(_ json: JSONValue, keys: LogKeys) throws(LogFault) -> Receipt {
        guard json["format"]?.string == format, let notice = json["notice"], let receipt = json["receipt"] else {
            throw LogFault("notice.form", Bilingual("不是公示文件", "this is not a notice (\(format))"))
        }
        let checked = try Receipt(checking: receipt, keys: keys)
        guard checked.what["kind"]?.string == "notice.published",
            checked.content?["number"] == notice["number"],
            checked.content?["hash"]?.string == Digest.hex(Digest.sha256(notice.canonicalBytes))
        else {
            throw LogFault(
                "notice.changed", Bilingual("公示内容与存证的摘要不符", "the notice is not the one whose hash was put on record"))
        }
        return checked
    }
}
