import Foundation
public import Kernel

/// The marks by which the same contract is found again at whichever registrar: hashes of parties, subject and amount as
/// they are without spaces, signs, letter case and width of characters.
public struct ContractMarks: Hashable, Sendable {
    /// Seller, buyer, subject and total: the same contract.
    public let whole: String
    /// Seller, buyer and total under another subject.
    public let amount: String
    /// Seller, buyer and subject with another total.
    public let subject: String

    public init(seller: String, buyer: String, subject: String, total: Money) {
        let parties = "\(Self.plain(seller))\n\(Self.plain(buyer))"
        let (topic, sum) = (Self.plain(subject), String(total.fen))
        whole = Self.mark("whole", parties, topic, sum)
        amount = Self.mark("amount", parties, sum)
        self.subject = Self.mark("subject", parties, topic)
    }

    /// Letters and digits only, as one would say them: ＡＢＣ（深圳）公司 is `abc深圳公司`.
    static func plain(_ text: String) -> String {
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased()
        return String(
            String.UnicodeScalarView(
                folded.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }))
    }

    private static func mark(_ parts: String...) -> String {
        Digest.hex(Digest.sha256(Array(parts.joined(separator: "\n\n").utf8)))
    }
}

/// How alike two contracts are.
public enum Likeness: String, Hashable, Sendable {
    case same, sameAmount, sameSubject

    /// As officers read it.
    public var title: Bilingual {
        switch self {
        case .same: Bilingual("双方、项目和金额相同", "The same parties, subject and total")
        case .sameAmount: Bilingual("双方和金额相同，项目名称不同", "The same parties and total under another subject")
        case .sameSubject: Bilingual("双方和项目相同，金额不同", "The same parties and subject with another total")
        }
    }
}
