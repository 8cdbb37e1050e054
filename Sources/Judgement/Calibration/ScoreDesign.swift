/// Scores as the equations want them: names sorted, scores gathered by application and by reviewer. The order of the
/// input leaves no trace, so the same scores give the same bits.
package struct ScoreDesign {
    /// One side of the bipartite graph: the scores of each member, and the member of the other side that each joins.
    struct Side {
        let names: [String]
        /// Scores of member `i` lie at `starts[i] ..< starts[i + 1]`.
        let starts: [Int]
        let partners: [Int]
        let values: [Double]
        /// Where the same score lies on the other side.
        let crossing: [Int]

        var count: Int { names.count }
        func range(_ member: Int) -> Range<Int> { starts[member]..<starts[member + 1] }
        func degree(_ member: Int) -> Int { starts[member + 1] - starts[member] }
    }

    let applications: Side
    let reviewers: Side
    /// Subtracted from every value, so that sums of squares keep their digits.
    let centre: Double

    var count: Int { applications.values.count }

    package init(_ scores: [Score]) {
        let (applicationNames, applicationPlaces) = ScoreDesign.places(scores.map(\.application))
        let (reviewerNames, reviewerPlaces) = ScoreDesign.places(scores.map(\.reviewer))
        let order = scores.indices.sorted {
            (applicationPlaces[$0], reviewerPlaces[$0], scores[$0].value.double)
                < (applicationPlaces[$1], reviewerPlaces[$1], scores[$1].value.double)
        }
        let raw = order.map { scores[$0].value.double }
        let centre = raw.isEmpty ? 0 : raw.reduce(0, +) / Double(raw.count)
        let values = raw.map { $0 - centre }
        let rows = order.map { applicationPlaces[$0] }
        let columns = order.map { reviewerPlaces[$0] }
        // Counting by reviewer keeps the order of applications inside each.
        var starts = ScoreDesign.starts(columns, reviewerNames.count)
        let reviewerStarts = starts
        var toReviewer = [Int](repeating: 0, count: order.count)
        var toApplication = [Int](repeating: 0, count: order.count)
        for (place, column) in columns.enumerated() {
            toReviewer[place] = starts[column]
            toApplication[starts[column]] = place
            starts[column] += 1
        }
        self.centre = centre
        applications = Side(
            names: applicationNames, starts: ScoreDesign.starts(rows, applicationNames.count), partners: columns,
            values: values, crossing: toReviewer)
        reviewers = Side(
            names: reviewerNames, starts: reviewerStarts, partners: toApplication.map { rows[$0] },
            values: toApplication.map { values[$0] }, crossing: toApplication)
    }

    /// The component of each application and of each reviewer, numbered from 0 by first application.
    func components() -> (applications: [Int], reviewers: [Int], count: Int) {
        var ofApplication = [Int](repeating: -1, count: applications.count)
        var ofReviewer = [Int](repeating: -1, count: reviewers.count)
        var count = 0
        for start in 0..<applications.count where ofApplication[start] < 0 {
            var waiting = [start]
            ofApplication[start] = count
            while let application = waiting.popLast() {
                for place in applications.range(application) {
                    let reviewer = applications.partners[place]
                    guard ofReviewer[reviewer] < 0 else { continue }
                    ofReviewer[reviewer] = count
                    for other in reviewers.range(reviewer) where ofApplication[reviewers.partners[other]] < 0 {
                        ofApplication[reviewers.partners[other]] = count
                        waiting.append(reviewers.partners[other])
                    }
                }
            }
            count += 1
        }
        return (ofApplication, ofReviewer, count)
    }

    private static func places(_ names: [String]) -> (sorted: [String], places: [Int]) {
        let sorted = Set(names).sorted()
        let index = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        return (sorted, names.map { index[$0] ?? 0 })
    }

    private static func starts(_ members: [Int], _ count: Int) -> [Int] {
        var starts = [Int](repeating: 0, count: count + 1)
        for member in members { starts[member + 1] += 1 }
        for member in 0..<count { starts[member + 1] += starts[member] }
        return starts
    }
}
