import CCrypto
internal import Foundation

/// A text with signatures, as transparency logs write it (C2SP signed-note): the text, an empty line, and a line for
/// each signature with the signer's name and, in base64, the key's number and the signature.
public struct SignedNote: Hashable, Sendable {
    /// One signature line.
    public struct Signature: Hashable, Sendable {
        public let name: String
        /// The first four bytes of the key's hash.
        public let keyID: UInt32
        public let bytes: [UInt8]
    }

    /// What is signed; ends with a line break.
    public let text: String
    public let signatures: [Signature]

    /// Most bytes of a note that is read.
    public static let largest = 64 << 10

    /// Signs a text with every key.
    /// - Parameter text: ends with a line break.
    public init(_ text: String, by keys: [NoteSigner]) throws(NoteError) {
        guard text.hasSuffix("\n") else { throw .malformed("text without a line break at its end") }
        var signatures: [Signature] = []
        for key in keys {
            guard let bytes = Ed25519.sign(Array(text.utf8), seed: key.seed) else { throw .unusableKey }
            signatures.append(Signature(name: key.verifier.name, keyID: key.verifier.keyID, bytes: bytes))
        }
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note. Signatures are not checked; see ``verified(by:)``.
    public init(parsing note: String) throws(NoteError) {
        guard note.utf8.count <= SignedNote.largest else { throw .malformed("longer than \(SignedNote.largest) bytes") }
        let bytes = Array(note.utf8)
        guard bytes.last == 0x0A else { throw .malformed("no line break at its end") }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }) else {
            throw .malformed("control characters")
        }
        guard bytes.count > 1,
            let gap = bytes.indices.last(where: { $0 > 0 && bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A })
        else { throw .malformed("no empty line before the signatures") }
        text = String(decoding: bytes[..<gap], as: UTF8.self)
        var signatures: [Signature] = []
        for line in bytes[(gap + 1)...].dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
            signatures.append(try SignedNote.signature(String(decoding: line, as: UTF8.self)))
        }
        guard !signatures.isEmpty, signatures.count <= 16 else { throw .malformed("no signature, or too many") }
        self.signatures = signatures
    }

    private static func signature(_ line: String) throws(NoteError) -> Signature {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "—", !words[1].isEmpty, !words[1].utf8.contains(UInt8(ascii: "+")),
            let bytes = base64(words[2]), bytes.count > 4
        else { throw .malformed("a signature line that is none") }
        return Signature(
            name: String(words[1]), keyID: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }, bytes: Array(bytes[4...]))
    }

    /// Standard base64 in its only spelling, so that no two notes differ and say the same.
    static func base64(_ text: Substring) -> [UInt8]? {
        guard let data = Data(base64Encoded: String(text)), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }

    /// The keys of which this note carries a good signature. Signatures by unknown keys are passed over, as the format
    /// demands; one by a known key that is wrong spoils the note.
    /// - Throws: ``NoteError/badSignature(_:)``.
    public func verified(by keys: [NoteVerifier]) throws(NoteError) -> [NoteVerifier] {
        var good: [NoteVerifier] = []
        for signature in signatures {
            guard let key = keys.first(where: { $0.name == signature.name && $0.keyID == signature.keyID }) else {
                continue
            }
            guard Ed25519.verify(signature.bytes, Array(text.utf8), publicKey: key.publicKey) else {
                throw .badSignature(key.text)
            }
            if !good.contains(key) { good.append(key) }
        }
        return good
    }

    /// The whole note.
    public var note: String {
        let lines = signatures.map { signature in
            let id = withUnsafeBytes(of: signature.keyID.bigEndian) { Array($0) }
            return "— \(signature.name) \(Data(id + signature.bytes).base64EncodedString())\n"
        }
        return "\(text)\n\(lines.joined())"
    }
}

/// A public key with its name, written `name+number+base64` (C2SP signed-note).
public struct NoteVerifier: Hashable, Sendable {
    public let name: String
    /// 32 bytes.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256 over name, line break, type and key.
    public let keyID: UInt32

    /// The type byte of Ed25519.
    private static let type: UInt8 = 1

    /// - Parameters:
    ///   - name: neither empty nor with white space or `+`.
    ///   - publicKey: 32 bytes of Ed25519.
    public init(name: String, publicKey: [UInt8]) throws(NoteError) {
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "+" }), publicKey.count == 32 else {
            throw .unusableKey
        }
        self.name = name
        self.publicKey = publicKey
        let input = Array(name.utf8) + [0x0A, NoteVerifier.type] + publicKey
        var hash = [UInt8](repeating: 0, count: 32)
        SHA256(input, input.count, &hash)
        keyID = hash[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads `name+number+base64`.
    public init(parsing text: String) throws(NoteError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let id = UInt32(parts[1], radix: 16), parts[1].utf8.count == 8,
            let data = SignedNote.base64(parts[2]), data.first == NoteVerifier.type
        else { throw .unusableKey }
        try self.init(name: String(parts[0]), publicKey: Array(data.dropFirst()))
        guard keyID == id else { throw .unusableKey }
    }

    /// The number in eight hexadecimal digits.
    public var number: String {
        let digits = String(keyID, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// `name+number+base64`.
    public var text: String { "\(name)+\(number)+\(Data([NoteVerifier.type] + publicKey).base64EncodedString())" }
}

/// A secret key that signs notes.
public struct NoteSigner: Sendable {
    let seed: [UInt8]
    public let verifier: NoteVerifier

    /// - Parameter seed: 32 secret bytes.
    public init(name: String, seed: [UInt8]) throws(NoteError) {
        guard let key = Ed25519.publicKey(seed: seed) else { throw .unusableKey }
        self.seed = seed
        verifier = try NoteVerifier(name: name, publicKey: key)
    }
}

/// Why a note or a key cannot be used.
public enum NoteError: Error, Hashable, Sendable {
    /// What is wrong with its form, in English.
    case malformed(String)
    /// A known key, by its text, did not make the signature that bears its number.
    case badSignature(String)
    case unusableKey
}
