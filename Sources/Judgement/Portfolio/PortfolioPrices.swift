/// Prices of the rows: what one unit of each limit is worth at the margin. Found by a simplex in floating point, which
/// may err; whatever it says, the bound that follows from its prices is computed in whole numbers and holds.
///
/// For prices λ ≥ 0 no choice is worth more than Σ max(0, v − λa) + λb.
struct PortfolioPrices {
    /// Prices are whole multiples of 2⁻⁴⁰.
    static let scale = Int128(1) << 40

    /// In 2⁻⁴⁰ of a unit of value.
    let prices: [Int128]
    /// Whether prices prove that no choice keeps all rows.
    let isImpossible: Bool

    init(_ question: PortfolioRows) {
        var simplex = PortfolioSimplex(question)
        simplex.run()
        let witness = simplex.ray.map { $0.map { PortfolioPrices.whole($0) } }
        isImpossible = witness.map { PortfolioPrices.refutes(question, $0) } ?? false
        prices = simplex.prices.map { PortfolioPrices.whole($0) }
    }

    private static func whole(_ price: Double) -> Int128 {
        guard price.isFinite, price > 0 else { return 0 }
        return Int128(min(price, 1e13) * Double(scale))
    }

    /// Whether even the choice that uses least of the weighted sum of all rows uses more than it may.
    static func refutes(_ question: PortfolioRows, _ weights: [Int128]) -> Bool {
        var least: Int128 = 0
        for place in question.items.indices {
            var use: Int128 = 0
            for row in weights.indices where weights[row] != 0 {
                use += weights[row] * Int128(question.rows[row][place])
            }
            least += min(0, use)
        }
        let may = weights.indices.reduce(Int128(0)) { $0 + weights[$1] * Int128(question.limits[$1]) }
        return least > may
    }
}

/// A dual simplex with bounds 0 and 1 on every item. All items start at their better bound, so prices are right from
/// the first step and only limits have to be mended.
private struct PortfolioSimplex {
    private let items: Int
    private let count: Int
    /// Rows by columns of those that stand at a bound.
    private var table: [[Double]]
    private var start: [Double]
    /// What moving a column off its bound is worth.
    private var gain: [Double]
    /// Which variable a row or a column is; slacks follow the items.
    private var basic: [Int]
    private var loose: [Int]
    private var isUpper: [Bool]
    private let rowScale: [Double]
    private let valueScale: Double
    /// Weights under which the rows contradict each other.
    private(set) var ray: [Double]?

    init(_ question: PortfolioRows) {
        items = question.items.count
        count = question.rows.count
        rowScale = question.rows.map { row in max(1, row.reduce(0.0) { max($0, abs(Double($1))) }) }
        valueScale = max(1, question.values.reduce(0.0) { max($0, abs(Double($1))) })
        let (scale, whole) = (rowScale, valueScale)
        table = question.rows.enumerated().map { place, row in row.map { Double($0) / scale[place] } }
        start = question.limits.enumerated().map { Double($1) / scale[$0] }
        gain = question.values.map { Double($0) / whole }
        basic = (0..<count).map { [items] in items + $0 }
        loose = Array(0..<items)
        isUpper = question.values.map { $0 > 0 }
    }

    mutating func run() {
        for _ in 0..<(20 * (items + count) + 100) {
            guard let (row, isBelow) = worst() else { return }
            guard let column = entering(row, isBelow) else {
                let sign = isBelow ? 1.0 : -1.0
                var weights = [Double](repeating: 0, count: count)
                if basic[row] >= items { weights[basic[row] - items] = sign }
                for (place, name) in loose.enumerated() where name >= items {
                    weights[name - items] = sign * table[row][place]
                }
                ray = weights.enumerated().map { max(0, $1) / rowScale[$0] }
                return
            }
            pivot(row, column, isBelow)
        }
    }

    /// The price of each limit in units of value for a unit of the limit.
    var prices: [Double] {
        var found = [Double](repeating: 0, count: count)
        for (place, name) in loose.enumerated() where name >= items {
            found[name - items] = max(0, -gain[place]) * valueScale / rowScale[name - items]
        }
        return found
    }

    /// The row furthest outside its bounds.
    private func worst() -> (row: Int, isBelow: Bool)? {
        var (found, most): ((row: Int, isBelow: Bool)?, Double) = (nil, 1e-9)
        for row in 0..<count {
            var value = start[row]
            for column in 0..<items where isUpper[column] { value -= table[row][column] }
            if -value > most { (found, most) = ((row, true), -value) }
            if basic[row] < items, value - 1 > most { (found, most) = ((row, false), value - 1) }
        }
        return found
    }

    private func entering(_ row: Int, _ isBelow: Bool) -> Int? {
        var (found, least): (Int?, Double) = (nil, .infinity)
        for column in 0..<items {
            let entry = table[row][column]
            guard abs(entry) > 1e-11, (entry < 0) == (isBelow != isUpper[column]) else { continue }
            let ratio = abs(gain[column] / entry)
            if ratio < least { (found, least) = (column, ratio) }
        }
        return found
    }

    private mutating func pivot(_ row: Int, _ column: Int, _ isBelow: Bool) {
        let entry = table[row][column]
        for place in 0..<items { table[row][place] /= entry }
        table[row][column] = 1 / entry
        start[row] /= entry
        for other in 0..<count where other != row {
            let factor = table[other][column]
            guard factor != 0 else { continue }
            for place in 0..<items where place != column { table[other][place] -= factor * table[row][place] }
            table[other][column] = -factor / entry
            start[other] -= factor * start[row]
        }
        let factor = gain[column]
        for place in 0..<items where place != column { gain[place] -= factor * table[row][place] }
        gain[column] = -factor / entry
        swap(&basic[row], &loose[column])
        isUpper[column] = !isBelow
    }
}
