/// A whole number of any size, not negative: as much of it as counting votes in exact fractions needs.
struct Natural: Hashable, Comparable, Sendable {
    /// Base 2³², least first, without zeros at the end.
    private var limbs: [UInt32]

    init(_ value: UInt64) {
        limbs = [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
        trim()
    }

    private mutating func trim() { while limbs.last == 0 { limbs.removeLast() } }

    var isZero: Bool { limbs.isEmpty }

    /// The number, where 64 bits hold it.
    var small: UInt64? {
        guard limbs.count <= 2 else { return nil }
        return limbs.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (32 * UInt64($1.offset)) }
    }

    static func < (left: Natural, right: Natural) -> Bool {
        guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
        for place in left.limbs.indices.reversed() where left.limbs[place] != right.limbs[place] {
            return left.limbs[place] < right.limbs[place]
        }
        return false
    }

    static func + (left: Natural, right: Natural) -> Natural {
        var (sum, carry) = (left, UInt64(0))
        for place in 0..<max(left.limbs.count, right.limbs.count) {
            if place == sum.limbs.count { sum.limbs.append(0) }
            let other = place < right.limbs.count ? right.limbs[place] : 0
            let total = UInt64(sum.limbs[place]) + UInt64(other) + carry
            sum.limbs[place] = UInt32(truncatingIfNeeded: total)
            carry = total >> 32
        }
        if carry > 0 { sum.limbs.append(UInt32(carry)) }
        return sum
    }

    /// `right` must not be larger.
    static func - (left: Natural, right: Natural) -> Natural {
        precondition(right <= left)
        var (rest, borrow) = (left, Int64(0))
        for place in left.limbs.indices {
            let other = place < right.limbs.count ? Int64(right.limbs[place]) : 0
            var digit = Int64(rest.limbs[place]) - other - borrow
            borrow = digit < 0 ? 1 : 0
            if digit < 0 { digit += 1 << 32 }
            rest.limbs[place] = UInt32(digit)
        }
        rest.trim()
        return rest
    }

    static func * (left: Natural, right: Natural) -> Natural {
        var product = Natural(0)
        product.limbs = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count)
        for (low, digit) in left.limbs.enumerated() {
            var carry: UInt64 = 0
            for (high, other) in right.limbs.enumerated() {
                let total = UInt64(digit) * UInt64(other) + UInt64(product.limbs[low + high]) + carry
                product.limbs[low + high] = UInt32(truncatingIfNeeded: total)
                carry = total >> 32
            }
            product.limbs[low + right.limbs.count] = UInt32(carry)
        }
        product.trim()
        return product
    }

    /// How often `divisor` goes into the number, at most 2⁶² times.
    func quotient(by divisor: Natural) -> UInt64 {
        var (rest, times) = (self, UInt64(0))
        for bit in (0..<62).reversed() {
            let part = divisor * Natural(1 << UInt64(bit))
            guard part <= rest else { continue }
            rest = rest - part
            times += 1 << UInt64(bit)
        }
        return times
    }
}

/// A number of votes as an exact fraction.
public struct VoteAmount: Hashable, Comparable, Sendable {
    let numerator: Natural
    let denominator: Natural

    init(_ numerator: Natural, over denominator: Natural) {
        guard let top = numerator.small, let bottom = denominator.small else {
            (self.numerator, self.denominator) = (numerator, denominator)
            return
        }
        let common = VoteAmount.divisor(top, bottom)
        (self.numerator, self.denominator) = (Natural(top / common), Natural(bottom / common))
    }

    static func divisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return max(1, left)
    }

    public static func == (left: VoteAmount, right: VoteAmount) -> Bool {
        left.numerator * right.denominator == right.numerator * left.denominator
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(numerator.quotient(by: denominator)) }

    public static func < (left: VoteAmount, right: VoteAmount) -> Bool {
        left.numerator * right.denominator < right.numerator * left.denominator
    }

    public static func + (left: VoteAmount, right: VoteAmount) -> VoteAmount {
        VoteAmount(
            left.numerator * right.denominator + right.numerator * left.denominator,
            over: left.denominator * right.denominator)
    }

    /// With five decimals, cut off; whole numbers without.
    public var text: String {
        let whole = numerator.quotient(by: denominator)
        let parts = (numerator * Natural(100_000)).quotient(by: denominator) - whole * 100_000
        guard parts > 0 || numerator != Natural(whole) * denominator else { return "\(whole)" }
        return "\(whole).\(String(100_000 + parts).dropFirst())"
    }

    /// As a fraction, where its parts have fewer than 19 digits; else its five decimals and an ellipsis.
    public var exact: String {
        guard let top = numerator.small, let bottom = denominator.small else { return text + "…" }
        return bottom == 1 ? "\(top)" : "\(top)/\(bottom)"
    }
}
