/// Experts who judge a case at one of its steps, each on a sheet of their own.
public struct PanelDefinition: Codable, Hashable, Sendable {
    /// What is scored, from 0 to 100 points.
    public struct Criterion: Codable, Hashable, Sendable {
        public let id: String
        public let title: Bilingual
        /// Share of the total in thousandths.
        public let weight: Int
    }

    /// The parameter with the fewest experts who must have handed in a sheet.
    public let least: String
    public let criteria: [Criterion]
    /// What an expert may say overall.
    public let verdicts: [FormOption]

    /// What is wrong with it, in words for whoever writes the definition.
    var faults: [String] {
        var faults: [String] = []
        if criteria.map(\.weight).reduce(0, +) != 1_000 || criteria.contains(where: { $0.weight <= 0 }) {
            faults.append("the weights of a panel must be above zero and add up to 1000")
        }
        if Set(criteria.map(\.id)).count != criteria.count { faults.append("two criteria of a panel have one id") }
        if verdicts.count < 2 { faults.append("a panel needs at least two verdicts") }
        return faults
    }
}
