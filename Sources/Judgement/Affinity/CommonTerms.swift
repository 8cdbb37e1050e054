internal import CNear

/// The terms that very many experts have, as a table. They make up most of the work and least of an affinity, so the
/// search bounds what they can add and looks here only for experts that may still be among the best.
struct CommonTerms: Sendable {
    /// How many terms the table holds at most.
    static let most = 128
    /// A term is common when one of so many experts has it.
    static let share = 48
    /// Columns whose length bounds what they can add together: with fewer the bound is nearer.
    static let group = 64

    /// The common part of a vector.
    struct Row {
        var weights: [Int16]
        /// Length of each group of columns, rounded up.
        var lengths: [UInt16]
        /// What a weight has beyond 16 bits with a sign: one term that is nearly the whole vector.
        var beyond: [(column: Int, weight: UInt32)]
    }

    /// By term: one more than its column; zero for other terms.
    private let columns: [UInt8]
    /// A multiple of ``group``.
    private let width: Int
    /// Weights by expert, then column.
    private var rows: [Int16] = []
    /// By group, then expert: the length of the row there, rounded up.
    private var lengths: [[UInt16]]

    /// - Parameter holders: how many experts have each term.
    init(_ vectors: [AffinityModel.Vector], holders: [Int]) {
        var columns = [UInt8](repeating: 0, count: holders.count)
        // Left out, as their weights would not fit the table.
        var wide: Set<Int> = []
        for vector in vectors {
            for (term, weight) in zip(vector.terms, vector.weights) where weight > Int16.max { wide.insert(Int(term)) }
        }
        var chosen = holders.indices.filter {
            holders[$0] * CommonTerms.share > vectors.count && holders[$0] > 8 && !wide.contains($0)
        }
        chosen.sort { (holders[$1], $0) < (holders[$0], $1) }
        chosen = Array(chosen.prefix(CommonTerms.most))
        for (column, term) in chosen.enumerated() { columns[term] = UInt8(column + 1) }
        self.columns = columns
        width = (chosen.count + CommonTerms.group - 1) / CommonTerms.group * CommonTerms.group
        lengths = [[UInt16]](repeating: [], count: width / CommonTerms.group)
        rows.reserveCapacity(width * vectors.count)
        for vector in vectors {
            let asked = row(vector)
            rows.append(contentsOf: asked.weights)
            for (group, length) in asked.lengths.enumerated() { lengths[group].append(length) }
        }
    }

    func contains(_ term: UInt32) -> Bool { columns[Int(term)] != 0 }

    /// The common part of a vector.
    func row(_ vector: AffinityModel.Vector) -> Row {
        var row = Row(weights: [Int16](repeating: 0, count: width), lengths: [], beyond: [])
        var squares = [UInt64](repeating: 0, count: lengths.count)
        for (term, weight) in zip(vector.terms, vector.weights) {
            let column = Int(columns[Int(term)]) - 1
            guard column >= 0 else { continue }
            let held = min(weight, UInt16(Int16.max))
            row.weights[column] = Int16(held)
            if weight > held { row.beyond.append((column, UInt32(weight - held))) }
            squares[column / CommonTerms.group] += UInt64(weight) * UInt64(weight)
        }
        row.lengths = squares.map { $0 == 0 ? 0 : UInt16(min(65_535, FixedPoint.root($0) + 1)) }
        return row
    }

    /// What each sum can become at most: no sum of products exceeds the product of both lengths.
    func bound(_ sums: UnsafeBufferPointer<UInt32>, _ row: Row, _ bounds: UnsafeMutableBufferPointer<UInt32>) {
        _ = bounds.update(from: sums)
        for (own, all) in zip(row.lengths, lengths) where own > 0 {
            let own = UInt32(own)
            all.withUnsafeBufferPointer { all in
                for expert in bounds.indices { bounds[expert] &+= own &* UInt32(all[expert]) }
            }
        }
    }

    /// What the common terms add to the sums of experts, which are looked at in this order.
    func products(_ row: Row, _ experts: UnsafeBufferPointer<UInt32>, _ body: (_ expert: Int, _ sum: UInt32) -> Void) {
        guard row.lengths.contains(where: { $0 > 0 }) else {
            for expert in experts { body(Int(expert), 0) }
            return
        }
        row.weights.withUnsafeBufferPointer { asked in
            rows.withUnsafeBufferPointer { rows in
                guard let asked = asked.baseAddress, let rows = rows.baseAddress else { return }
                for (place, expert) in experts.enumerated() {
                    // Far ahead enough that the row has come when it is wanted.
                    if place + 6 < experts.count {
                        let later = rows + Int(experts[place + 6]) * width
                        for line in stride(from: 0, to: width, by: 32) { kechuang_near(later + line) }
                    }
                    let known = rows + Int(expert) * width
                    var sum = UInt32(bitPattern: kechuang_products(asked, known, width))
                    for (column, weight) in row.beyond { sum &+= weight &* UInt32(known[column]) }
                    body(Int(expert), sum)
                }
            }
        }
    }
}
