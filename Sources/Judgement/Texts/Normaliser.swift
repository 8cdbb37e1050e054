internal import Foundation

/// Turns texts into tokens: NFKC, lower case, letters and digits only.
///
/// ASCII, CJK, full-width forms, Greek and Latin-1 take a fast path; everything else, and everything that a combining
/// mark follows, is asked of Foundation one cluster at a time and remembered.
public struct Normaliser: Sendable {
    /// What lone scalars become: folded letters, 0 for a gap, nothing where the scalar is passed over.
    private var known: [UInt32: [UInt32]] = [:]

    public init() {}

    /// The tokens of a text.
    public mutating func tokens(_ text: String) -> TokenText {
        var result = TokenText()
        read(text, into: &result)
        return result
    }

    /// Reads a text into tokens whose storage is used again.
    public mutating func read(_ text: String, into tokens: inout TokenText) {
        tokens.removeAll()
        var text = text
        text.withUTF8 { bytes in
            tokens.reserve(bytes.count)
            var reader = TokenReader(bytes: bytes)
            while reader.at < bytes.count {
                reader.readFast(into: &tokens)
                if reader.at < bytes.count { readCluster(&reader, &tokens) }
            }
            reader.endRun(&tokens)
        }
    }

    /// Reads one scalar that is not on the fast path, with all that may melt into it.
    private mutating func readCluster(_ reader: inout TokenReader, _ tokens: inout TokenText) {
        let start = reader.scalar
        var cluster = [reader.take()]
        while let next = reader.peek(), ScalarClass.extends(next) { cluster.append(reader.take()) }
        let folded: [UInt32]
        if cluster.count > 1 {
            folded = Normaliser.fold(cluster)
        } else if let answer = known[cluster[0]] {
            folded = answer
        } else {
            folded = Normaliser.fold(cluster)
            known[cluster[0]] = folded
        }
        for scalar in folded {
            if scalar == 0 {
                reader.endRun(&tokens)
            } else if ScalarClass.isCharacter(scalar) {
                reader.character(scalar, start, reader.scalar, &tokens)
            } else {
                reader.letter(scalar, start, reader.scalar, &tokens)
            }
        }
    }

    private static func fold(_ cluster: [UInt32]) -> [UInt32] {
        var view = String.UnicodeScalarView()
        for code in cluster { if let scalar = Unicode.Scalar(code) { view.append(scalar) } }
        var folded: [UInt32] = []
        // NFKC in two steps: Foundation's single one leaves half-width kana and some Hangul uncomposed.
        let form = String(view).decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        for scalar in form.unicodeScalars {
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                switch lower.properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                    .decimalNumber, .letterNumber, .otherNumber:
                    folded.append(lower.value)
                // Marks left over and invisible characters neither count nor part a word.
                case .nonspacingMark, .spacingMark, .enclosingMark, .format: break
                default: folded.append(0)
                }
            }
        }
        return folded
    }
}

/// A place in UTF-8 and the run that is open there.
struct TokenReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Byte and scalar that come next.
    var at = 0
    var scalar: Int32 = 0
    private var run: UInt64 = 0
    private var runStart: Int32 = -1
    private var runEnd: Int32 = 0
    private var runPlace: Int32 = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Reads until something is not on the fast path.
    mutating func readFast(into tokens: inout TokenText) {
        ScalarClass.ascii.withUnsafeBufferPointer { ascii in
            while at < bytes.count {
                let byte = bytes[at]
                if byte < 0x80 {
                    let folded = ascii[Int(byte)]
                    if folded == 0 {
                        endRun(&tokens)
                    } else {
                        if nextExtends(at + 1) { return }
                        letter(UInt32(folded), scalar, scalar + 1, &tokens)
                    }
                    at += 1
                } else {
                    let (code, length) = decode(at)
                    switch ScalarClass(code) {
                    case .character:
                        if nextExtends(at + length) { return }
                        character(code, scalar, scalar + 1, &tokens)
                    case .letter(let folded):
                        if nextExtends(at + length) { return }
                        letter(folded, scalar, scalar + 1, &tokens)
                    case .gap:
                        if nextExtends(at + length) { return }
                        endRun(&tokens)
                    case .unknown: return
                    }
                    at += length
                }
                scalar += 1
            }
        }
    }

    /// Takes the scalar that comes next.
    mutating func take() -> UInt32 {
        let (code, length) = decode(at)
        at += length
        scalar += 1
        return code
    }

    func peek() -> UInt32? { at < bytes.count ? decode(at).code : nil }

    @inline(__always)
    mutating func letter(_ code: UInt32, _ start: Int32, _ end: Int32, _ tokens: inout TokenText) {
        if runStart < 0 {
            runStart = start
            run = 0xCBF2_9CE4_8422_2325
            runPlace = Int32(tokens.scalars.count)
        }
        run = (run ^ UInt64(code)) &* 0x100_0000_01B3
        runEnd = end
        tokens.scalars.append(code)
    }

    @inline(__always)
    mutating func character(_ code: UInt32, _ start: Int32, _ end: Int32, _ tokens: inout TokenText) {
        endRun(&tokens)
        let place = Int32(truncatingIfNeeded: tokens.scalars.count)
        tokens.scalars.append(code)
        tokens.tokens.append(Token(hash: mixed(UInt64(code)), start: start, end: end, place: place))
        tokens.characterCount += 1
    }

    @inline(__always)
    mutating func endRun(_ tokens: inout TokenText) {
        guard runStart >= 0 else { return }
        tokens.tokens.append(Token(hash: mixed(run), start: runStart, end: runEnd, place: runPlace))
        runStart = -1
    }

    /// Whether the scalar at a byte may melt into the one before it. Nothing below U+0300 does, nor any of U+4000 to
    /// U+9FFF, which the first byte tells.
    @inline(__always)
    private func nextExtends(_ place: Int) -> Bool {
        guard place < bytes.count else { return false }
        let lead = bytes[place]
        if lead < 0xCC || (0xE4...0xE9).contains(lead) { return false }
        return ScalarClass.extends(decode(place).code)
    }

    /// The scalar at a byte; the bytes are those of a Swift string, so they are valid.
    @inline(__always)
    private func decode(_ place: Int) -> (code: UInt32, length: Int) {
        let lead = UInt32(bytes[place])
        if lead < 0x80 { return (lead, 1) }
        let second = UInt32(bytes[place + 1]) & 0x3F
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, 2) }
        let third = UInt32(bytes[place + 2]) & 0x3F
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
        return ((lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[place + 3]) & 0x3F, 4)
    }
}
