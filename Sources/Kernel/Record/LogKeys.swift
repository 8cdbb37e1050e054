public import Proof

/// The public keys of a log, as outsiders keep them in a file.
public struct LogKeys: Sendable, Hashable {
    /// One key and until when it is good.
    public struct Entry: Sendable, Hashable {
        public let key: NoteVerifier
        /// The size of the last checkpoint that it signs; nil while it is in use.
        public let until: Int?

        public init(key: NoteVerifier, until: Int?) {
            self.key = key
            self.until = until
        }
    }

    static let format = "kechuang-keys-1"

    /// The name of the log.
    public let origin: String
    public var keys: [Entry]

    public init(origin: String, keys: [Entry]) {
        self.origin = origin
        self.keys = keys
    }

    /// Reads a file of keys.
    /// - Throws: ``RecordError/malformed(_:)``, ``JSONProblem`` or `NoteError`.
    public init(parsing json: JSONValue) throws {
        guard json["format"]?.string == LogKeys.format, let origin = json["origin"]?.string,
            let list = json["keys"]?.array
        else { throw RecordError.malformed("not a file of keys (\(LogKeys.format))") }
        self.origin = origin
        keys = try list.map { entry in
            Entry(
                key: try NoteVerifier(parsing: entry["key"]?.string ?? ""),
                until: entry["until"]?.integer.map { Int($0) })
        }
    }

    /// The file.
    public var json: JSONValue {
        [
            "format": .string(LogKeys.format), "origin": .string(origin),
            "keys": .array(
                keys.map { entry in
                    [
                        "key": .string(entry.key.text), "number": .string(entry.key.number),
                        "until": entry.until.map { .integer(Int64($0)) } ?? .null,
                    ]
                }),
        ]
    }

    /// The checkpoint of a note that is signed by one of these keys while it was good.
    /// - Throws: ``LogFault`` that says what is wrong with it.
    public func checkpoint(_ text: String) throws(LogFault) -> Checkpoint {
        let checkpoint: Checkpoint
        let signers: [NoteVerifier]
        do throws(NoteError) {
            let note = try SignedNote(parsing: text)
            checkpoint = try Checkpoint(parsing: note.text)
            signers = try note.verified(by: keys.map(\.key))
        } catch {
            throw LogFault(
                "checkpoint.invalid", Bilingual("检查点无效：\(error.reason)", "the checkpoint is not valid: \(error.reason)")
            )
        }
        let size = checkpoint.size
        guard !signers.isEmpty else {
            throw LogFault(
                "checkpoint.unknown-key",
                Bilingual(
                    "第 \(size) 条的检查点没有已知密钥的签名",
                    "no known key signed the checkpoint of \(counted(size, "leaf", "leaves"))"))
        }
        guard signers.contains(where: { key in keys.contains { $0.key == key && size <= $0.until ?? .max } }) else {
            throw LogFault(
                "checkpoint.retired-key",
                Bilingual(
                    "第 \(size) 条的检查点由已停用的密钥签名",
                    "the checkpoint of \(counted(size, "leaf", "leaves")) is signed by a key that had been retired"))
        }
        guard checkpoint.origin == origin else {
            throw LogFault(
                "checkpoint.other-log",
                Bilingual(
                    "检查点属于另一个日志 \(checkpoint.origin)", "the checkpoint belongs to another log, \(checkpoint.origin)"))
        }
        return checkpoint
    }
}

/// One thing that does not hold.
public struct LogFault: Error, Sendable, Hashable {
    /// Stable, e.g. `leaf.missing`.
    public let code: String
    public let message: Bilingual

    public init(_ code: String, _ message: Bilingual) {
        self.code = code
        self.message = message
    }
}
