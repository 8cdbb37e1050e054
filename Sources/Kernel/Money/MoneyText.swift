extension Money {
    /// Largest amount that is read: a thousand trillion yuan, so that sums of any list cannot overflow.
    public static let largest = Money(fen: 100_000_000_000_000_000)

    /// Reads what people paste: `12.50`, `1,234.00`, `１２`, `3万元`, `1.5亿`, `¥300`. Anything that can be read in two
    /// ways is refused.
    /// - Throws: ``MoneyError``.
    public init(parsing typed: String) throws(MoneyError) {
        var text = Money.plain(typed)
        for sign in ["¥", "RMB", "CNY"] where text.hasPrefix(sign) { text.removeFirst(sign.count) }
        if text.hasSuffix("元") { text.removeLast() }
        var unit: Int64 = 100
        if text.hasSuffix("万") {
            unit = 1_000_000
            text.removeLast()
        } else if text.hasSuffix("亿") {
            unit = 10_000_000_000
            text.removeLast()
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let digits = Money.ungrouped(String(parts[0])) else {
            throw .unreadable(typed)
        }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .unreadable(typed)
        }
        guard let whole = Int64(digits) else { throw .tooLarge(typed) }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow, scaled <= Money.largest.fen else { throw .tooLarge(typed) }
        var part: Int64 = 0
        var place = unit
        for digit in fraction.utf8 {
            place /= 10
            if place == 0, digit != 48 { throw .tooFine(typed) }
            part += Int64(digit - 48) * place
        }
        guard scaled + part <= Money.largest.fen else { throw .tooLarge(typed) }
        self.init(fen: scaled + part)
    }

    /// Without spaces, with plain digits and signs.
    private static func plain(_ typed: String) -> String {
        var text = ""
        for scalar in typed.unicodeScalars where !scalar.properties.isWhitespace {
            switch scalar.value {
            // Full-width forms lie at a fixed distance from ASCII.
            case 0xFF01...0xFF5E:
                if let plain = Unicode.Scalar(scalar.value - 0xFEE0) { text.unicodeScalars.append(plain) }
            case 0xFFE5: text += "¥"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// Digits without thousands separators; nil where the groups are not of three, so that `1,5` is not taken for 15.
    private static func ungrouped(_ text: String) -> String? {
        let groups = text.split(separator: ",", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return nil }
        if groups.count > 1 {
            guard groups[0].count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        }
        return groups.joined()
    }

    /// Yuan with separators and two decimals: `1,234,567.80`.
    public var yuanText: String {
        let sign = fen < 0 ? "-" : ""
        let size = fen.magnitude
        return "\(sign)\(grouped(size / 100)).\(padded(Int(size % 100), 2))"
    }

    /// With its unit, as in a sentence.
    public func text(_ language: Language) -> String {
        language == .chinese ? "\(yuanText) 元" : "RMB \(yuanText)"
    }

    /// Exactly, in units of ten thousand yuan: `123.45`, `0.0001`.
    public var tenThousandText: String {
        let size = fen.magnitude
        var fraction = padded(Int(size % 1_000_000), 6)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (fen < 0 ? "-" : "") + String(size / 1_000_000) + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// Parts in proportion to shares that add up to the whole, to the fen: the largest remainders get what is left
    /// over, earlier ones first.
    /// - Throws: ``MoneyError/noShares`` where no share is positive or one is negative.
    public func split(byShares shares: [Int]) throws(MoneyError) -> [Money] {
        let total = shares.reduce(0, +)
        guard total > 0, shares.allSatisfy({ $0 >= 0 }), fen >= 0 else { throw .noShares }
        var parts: [Int64] = []
        var remainders: [(index: Int, rest: UInt64)] = []
        for (index, share) in shares.enumerated() {
            let product = UInt64(fen).multipliedFullWidth(by: UInt64(share))
            let (quotient, rest) = UInt64(total).dividingFullWidth(product)
            parts.append(Int64(quotient))
            remainders.append((index, rest))
        }
        let left = Int(fen - parts.reduce(0, +))
        let order = remainders.sorted { $0.rest != $1.rest ? $0.rest > $1.rest : $0.index < $1.index }
        for (index, _) in order.prefix(left) { parts[index] += 1 }
        return parts.map(Money.init(fen:))
    }

    /// The sum of amounts.
    public static func sum(_ amounts: some Sequence<Money>) -> Money { amounts.reduce(.zero, +) }

    /// The sum of amounts that come from outside; nil where they add up to more than can be counted.
    public static func countableSum(_ amounts: some Sequence<Money>) -> Money? {
        var total: Int64 = 0
        for amount in amounts {
            let (sum, isOver) = total.addingReportingOverflow(amount.fen)
            if isOver { return nil }
            total = sum
        }
        return Money(fen: total)
    }
}

/// Why an amount cannot be read or split.
public enum MoneyError: Problem, Hashable {
    case unreadable(String)
    case tooFine(String)
    case tooLarge(String)
    case noShares

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .unreadable: "money.unreadable"
        case .tooFine: "money.too-fine"
        case .tooLarge: "money.too-large"
        case .noShares: "money.no-shares"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unreadable(let text):
            Bilingual(
                "「\(text)」不是有效金额，请写成 300000、300,000.00 或 30万元。",
                "'\(text)' is not a sum; write 300000, 300,000.00 or 30万元.")
        case .tooFine(let text): Bilingual("「\(text)」不足一分，请精确到分。", "'\(text)' is finer than a fen.")
        case .tooLarge(let text): Bilingual("「\(text)」金额过大。", "'\(text)' is too large.")
        case .noShares: Bilingual("没有可分配的份额。", "There are no shares to split by.")
        }
    }
}
