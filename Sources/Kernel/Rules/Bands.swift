/// A stretch of numbers and what it gives. 以上, 以内 and 以下 include the number they name, 超过 and 不满 do not
/// (民法典 1259); each end says which it is.
public struct Band: Codable, Hashable, Sendable {
    /// One end of a band.
    public struct End: Codable, Hashable, Sendable {
        public let number: Int64
        public let isIncluded: Bool

        public init(_ number: Int64, isIncluded: Bool) {
            self.number = number
            self.isIncluded = isIncluded
        }
    }

    /// Nil where the band has no lower end.
    public let lower: End?
    /// Nil where the band has no upper end.
    public let upper: End?
    public let gives: Int64
    /// The most it gives, where people choose within the band; otherwise the same as `gives`.
    public let most: Int64

    public init(lower: End?, upper: End?, gives: Int64, most: Int64? = nil) {
        self.lower = lower
        self.upper = upper
        self.gives = gives
        self.most = most ?? gives
    }
}

/// A number for each stretch of another number: the stretches follow one another without gap or overlap.
public struct Bands: Codable, Hashable, Sendable {
    /// In rising order.
    public let list: [Band]
    /// The least whole number above each band but the last, for looking up fast.
    @usableFromInline let limits: [Int64]
    /// What each band gives.
    @usableFromInline let given: [Int64]

    public init(_ list: [Band]) {
        self.list = list
        limits = list.dropLast().map { band in
            band.upper.map { $0.isIncluded ? $0.number + 1 : $0.number } ?? .max
        }
        given = list.map(\.gives)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Band].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(list)
    }

    /// What the band of a number gives; nil where the number lies outside all bands.
    @inlinable
    public func gives(_ number: Int64) -> Int64? {
        var place = 0
        while place < limits.count, number >= limits[place] { place += 1 }
        if place == 0 || place == given.count - 1, !holds(number, at: place) { return nil }
        return given[place]
    }

    /// Whether the first or last band, which may be open or not, holds a number.
    @usableFromInline
    func holds(_ number: Int64, at place: Int) -> Bool {
        if let lower = list[place].lower, number < lower.number || (number == lower.number && !lower.isIncluded) {
            return false
        }
        if let upper = list[place].upper, number > upper.number || (number == upper.number && !upper.isIncluded) {
            return false
        }
        return true
    }

    /// The most that any band gives.
    public var greatest: Int64 { given.max() ?? 0 }

    /// The band in which a number lies; nil where it lies outside all of them.
    public func band(of number: Int64) -> Band? {
        index(comparedWith: { end in number < end ? -1 : number == end ? 0 : 1 }).map { list[$0] }
    }

    /// The place of the band that holds a value which is known only by comparing it with the ends.
    /// - Parameter order: below zero where the value is less than an end, zero where equal, else above.
    public func index(comparedWith order: (Int64) -> Int) -> Int? {
        for (index, band) in list.enumerated() {
            if let upper = band.upper {
                let place = order(upper.number)
                guard place < 0 || (place == 0 && upper.isIncluded) else { continue }
            }
            guard let lower = band.lower else { return index }
            let place = order(lower.number)
            return place > 0 || (place == 0 && lower.isIncluded) ? index : nil
        }
        return nil
    }

    /// An amount cut at the ends of the bands: what falls into each, for tiers that count by portion.
    public func portions(of amount: Int64) -> [(band: Band, portion: Int64)] {
        list.compactMap { band in
            let low = band.lower?.number ?? 0
            let high = min(amount, band.upper?.number ?? amount)
            return high > low ? (band, high - low) : nil
        }
    }

    /// The numbers at which one band ends and the next begins.
    public var edges: [Int64] { list.compactMap(\.lower?.number) }

    /// What is wrong with the list: gaps, overlaps, bands the wrong way round.
    var faults: [String] {
        var faults: [String] = []
        if list.isEmpty { faults.append("no bands") }
        for band in list {
            if let lower = band.lower, let upper = band.upper, lower.number > upper.number {
                faults.append("a band ends at \(upper.number) before it begins at \(lower.number)")
            }
            if band.most < band.gives { faults.append("a band gives at most less than it gives") }
        }
        for (before, after) in zip(list, list.dropFirst()) {
            guard let upper = before.upper, let lower = after.lower else {
                faults.append("only the first band may have no lower end and only the last no upper end")
                continue
            }
            // Numbers are whole, so 至 25 is followed by 26 以上 as well as by 超过 25.
            let next = upper.isIncluded ? upper.number + 1 : upper.number
            let first = lower.isIncluded ? lower.number : lower.number + 1
            if next < first { faults.append("no band holds \(next)") }
            if next > first { faults.append("two bands hold \(first)") }
        }
        return faults
    }
}
