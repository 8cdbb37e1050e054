import Proof

@testable import Kernel

extension OutsideReader {
    /// What is checked by signatures and hashes: notes, keys, logs, receipts.
    static let proofs: [OutsideReader] = [
        OutsideReader(
            "notes", longest: 8_192, words: ["\n\n", "— ", "house.test", " ", "AAAA"],
            making: { [Array(try checkpoint([1]).note.utf8)] },
            refused: ["house.test\n3\n\n— a b\n", "house.test\n3\nAAAA\n", "\n\n", ""]
        ) { bytes in
            let note = try SignedNote(parsing: text(bytes))
            try law((try? SignedNote(parsing: note.note)) == note, "a note is another once it is written")
            if try !note.verified(by: [signer().verifier]).isEmpty {
                try law(note.text == checkpoint([1]).text, "a note was signed that nobody signed")
            }
            let found = try Checkpoint(parsing: note.text)
            try law((try? Checkpoint(parsing: found.text)) == found, "a checkpoint is another once it is written")
        },
        OutsideReader(
            "keys", words: ["kechuang-keys-1", "\"origin\":", "\"keys\":", "\"key\":", "\"until\":", "+"],
            making: {
                let entry = LogKeys.Entry(key: try signer().verifier, until: 7)
                return [LogKeys(origin: "house.test", keys: [entry]).json.canonicalBytes]
            }, refused: ["{}", #"{"format":"kechuang-keys-1","origin":"a","keys":[{"key":"a+b+c"}]}"#]
        ) { bytes in
            let keys = try LogKeys(parsing: JSONValue(parsing: bytes))
            try law((try? LogKeys(parsing: keys.json)) == keys, "keys are others once they are written")
        },
        OutsideReader(
            "logs", longest: 16_384,
            words: ["{\"index\":", ",\"leaf\":", "{\"checkpoint\":\"", "\\n", "record.key-added", "\"event\":"],
            making: { [try log()] }
        ) { bytes in
            var verifier = LogVerifier(keys: try logKeys())
            for line in bytes.split(separator: 0x0A) { verifier.take(line) }
            verifier.finish()
            if verifier.checkpoints > 0 {
                try law(verifier.last == Checkpoint(parsing: checkpoint(leaf).text), "a forged log holds")
            }
        },
        OutsideReader(
            "receipts", longest: 16_384,
            words: ["\"value\":", "\"key\":", "\"digest\":", "\"path\":", "\"index\":", "\"seal\":", "\"event\":"],
            making: { [try receipt().canonicalBytes] }, refused: ["{}", #"{"format":"kechuang-receipt-1","parts":{}}"#]
        ) { bytes in
            let receipt = try Receipt(checking: JSONValue(parsing: bytes, fractions: true), keys: logKeys())
            try law([what, .null].contains(receipt.what), "a receipt says what nobody wrote: \(receipt.what)")
            try law(receipt.content == content || receipt.content == nil, "a receipt has other content")
        },
    ]

    private static let what: JSONValue = ["kind": "case.accept", "subject": "a", "position": 1]
    private static let content: JSONValue = ["note": "同意"]

    private static func signer() throws -> NoteSigner {
        try NoteSigner(name: "house.test", seed: [UInt8](repeating: 1, count: 32))
    }

    private static func logKeys() throws -> LogKeys {
        LogKeys(origin: "house.test", keys: [.init(key: try signer().verifier, until: nil)])
    }

    /// The signed checkpoint of a log with one leaf.
    private static func checkpoint(_ leaf: [UInt8]) throws -> SignedNote {
        try SignedNote(Checkpoint(origin: "house.test", size: 1, root: TreeHash.leaf(leaf)).text, by: [signer()])
    }

    private static let key = [UInt8](repeating: 2, count: 32)
    private static let chain = Digest.hex(key)
    private static let leaf: [UInt8] = {
        let seal = SealedEvent.seal([
            "what": SealedEvent.digest(what, key: key), "content": SealedEvent.digest(content, key: key),
            "chain": chain,
        ])
        return JSONValue.object(["seal": .string(seal)]).canonicalBytes
    }()

    private static func log() throws -> [UInt8] {
        let note: JSONValue = ["checkpoint": .string(try checkpoint(leaf).note)]
        return Array(#"{"format":"kechuang-log-1","origin":"house.test"}"#.utf8) + [0x0A]
            + Array(#"{"index":0,"leaf":"#.utf8) + leaf + Array("}\n".utf8) + note.canonicalBytes + [0x0A]
    }

    private static func receipt() throws -> JSONValue {
        let shown: JSONValue = .string(Digest.hex(key))
        return [
            "format": .string(Receipt.format), "checkpoint": .string(try checkpoint(leaf).note), "path": [],
            "parts": [
                "what": ["key": shown, "value": what], "content": ["key": shown, "value": content],
                "chain": ["digest": .string(chain)],
            ],
            "leaf": ["index": 0, "text": try JSONValue(parsing: leaf)],
        ]
    }
}
