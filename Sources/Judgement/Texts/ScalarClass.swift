/// What becomes of scalars that are common and do not need the tables of Unicode.
enum ScalarClass {
    /// A letter or digit of a run, already folded.
    case letter(UInt32)
    /// A token of its own.
    case character
    /// Neither: ends a run.
    case gap
    /// Must be asked of Unicode.
    case unknown

    /// Folded ASCII: 0 for everything but letters and digits.
    static let ascii: [UInt8] = (0..<128).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): UInt8(byte)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(byte) + 32
        default: 0
        }
    }

    /// Classes that hold for a scalar not followed by a combining mark; NFKC leaves all of them as they are, but
    /// for the full-width forms, which it turns into ASCII.
    @inline(__always)
    init(_ code: UInt32) {
        switch code {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC, 0xAC00...0xD7A3,
            0x20000...0x2A6DF:
            self = .character
        case 0xFF10...0xFF19, 0xFF41...0xFF5A: self = .letter(code - 0xFEE0)
        case 0xFF21...0xFF3A: self = .letter(code - 0xFEC0)
        case 0xFF01...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF65, 0x3000...0x3003, 0x3008...0x3011,
            0x3014...0x301B, 0x2010...0x2027, 0xA0, 0xB0, 0xB1, 0xB7, 0xD7, 0xF7:
            self = .gap
        case 0xC0...0xDE, 0x391...0x3A1, 0x3A3...0x3A9: self = .letter(code + 32)
        case 0xDF...0xFF, 0x3B1...0x3C9: self = .letter(code)
        default: self = .unknown
        }
    }

    /// Whether a scalar belongs to a script written without spaces between words.
    static func isCharacter(_ code: UInt32) -> Bool {
        switch code {
        case 0x3400...0x9FFF, 0x3005...0x3007, 0x3021...0x3029, 0x3040...0x30FF, 0x31F0...0x31FF, 0xF900...0xFAFF,
            0x20000...0x3FFFF, 0xAC00...0xD7A3, 0x1100...0x11FF, 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF:
            true
        default: false
        }
    }

    /// Whether a scalar may melt into the one before it under NFKC: marks, letters of Hangul after the
    /// first, in all their forms, and the half-width sound marks.
    static func extends(_ code: UInt32) -> Bool {
        switch code {
        case 0..<0x300, 0x370...0x482, 0x2010...0x20CF, 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x3130,
            0x3190...0xA66E,
            0xAC00...0xD7A3, 0xFF00...0xFF9D:
            return false
        case 0x1160...0x11FF, 0x3131...0x318F, 0xFF9E...0xFFDF: return true
        default:
            switch Unicode.Scalar(code)?.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: return true
            default: return false
            }
        }
    }
}
