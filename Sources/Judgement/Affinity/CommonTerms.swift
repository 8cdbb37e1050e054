/// The terms that very many experts have, as a table. They make up most of the work and least of an affinity, so the
/// search bounds what they can add and looks here only for experts that may still be among the best.
struct CommonTerms: Sendable {
    /// How many terms the table holds at most.
    static let most = 128
    /// A term is common when one of so many experts has it.
    static let share = 48

    /// By term: one more than its column; zero for other terms.
    private let columns: [UInt8]
    private let width: Int
    /// Weights by expert, then column.
    private var rows: [UInt16]
    /// By expert: the length of the row, rounded up.
    private(set) var lengths: [UInt16]

    /// - Parameter holders: how many experts have each term.
    init(_ vectors: [AffinityModel.Vector], holders: [Int]) {
        var chosen = holders.indices.filter { holders[$0] * CommonTerms.share > vectors.count && holders[$0] > 8 }
        chosen.sort { (holders[$1], $0) < (holders[$0], $1) }
        chosen = Array(chosen.prefix(CommonTerms.most))
        var columns = [UInt8](repeating: 0, count: holders.count)
        for (column, term) in chosen.enumerated() { columns[term] = UInt8(column + 1) }
        self.columns = columns
        width = chosen.count
        rows = []
        lengths = []
        rows.reserveCapacity(width * vectors.count)
        lengths.reserveCapacity(vectors.count)
        for vector in vectors {
            let asked = row(vector)
            rows.append(contentsOf: asked.weights)
            lengths.append(asked.length)
        }
    }

    func contains(_ term: UInt32) -> Bool { columns[Int(term)] != 0 }

    /// The common part of a vector and its length, rounded up.
    func row(_ vector: AffinityModel.Vector) -> (weights: [UInt16], length: UInt16) {
        var weights = [UInt16](repeating: 0, count: width)
        var squares: UInt64 = 0
        for (term, weight) in zip(vector.terms, vector.weights) {
            let column = columns[Int(term)]
            guard column > 0 else { continue }
            weights[Int(column) - 1] = weight
            squares += UInt64(weight) * UInt64(weight)
        }
        return (weights, squares == 0 ? 0 : UInt16(min(65_535, FixedPoint.root(squares) + 1)))
    }

    /// What the common terms add to the sum of an expert.
    /// - Parameter weights: a row of this table, see ``row(_:)``.
    func product(_ weights: UnsafeBufferPointer<UInt16>, _ expert: Int) -> UInt32 {
        rows.withUnsafeBufferPointer { rows in
            guard let asked = weights.baseAddress, let known = rows.baseAddress else { return 0 }
            let row = known + expert * width
            var sum: UInt32 = 0
            for column in 0..<width { sum &+= UInt32(asked[column]) &* UInt32(row[column]) }
            return sum
        }
    }
}
