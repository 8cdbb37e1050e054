public import Kernel
import Ledger
public import Store

/// How the money of a contract may be spent, as signed and changed since.
public struct ContractBudget: Hashable, Sendable {
    /// How a contract holds its money.
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// Headings with their own limits (预算制).
        case budget
        /// One sum with a negative list (包干制).
        case lumpSum = "lump-sum"

        public var title: Bilingual {
            switch self {
            case .budget: Bilingual("预算制", "Budget by headings")
            case .lumpSum: Bilingual("包干制", "Lump sum")
            }
        }
    }

    /// Headings of contracts whose call names none.
    public static let headings = [
        FormOption("equipment", Bilingual("设备费", "Equipment")),
        FormOption("operations", Bilingual("业务费", "Operations")),
        FormOption("labour", Bilingual("劳务费", "Labour")),
        FormOption("indirect", Bilingual("间接费用", "Indirect costs")),
    ]

    public let mode: Mode
    public let headings: [FormOption]
    /// What each heading may take; empty for a lump sum and where the contract names no headings.
    public let amounts: [String: Money]
    /// Zero for the contract as signed.
    public let revision: Int

    public func title(_ heading: String) -> Bilingual {
        headings.first { $0.value == heading }?.label ?? Bilingual(heading, heading)
    }

    /// The limit of a heading; nil where it has none of its own.
    public func cap(_ heading: String) -> Money? {
        mode == .lumpSum || amounts.isEmpty ? nil : amounts[heading] ?? .zero
    }

    /// A line for each heading that takes something; the mode alone where the contract limits none.
    var words: Bilingual {
        let lines = headings.compactMap { heading in amounts[heading.value].map { (heading.label, $0) } }
            .filter { $0.1 > .zero }
        guard mode == .budget, !lines.isEmpty else { return mode.title }
        return Bilingual(
            lines.map { "\($0.0.zh)：\($0.1.text(.chinese))" }.joined(separator: "\n"),
            lines.map { "\($0.0.en): \($0.1.text(.english))" }.joined(separator: "\n"))
    }

    /// The budget that holds now.
    public static func current(_ project: Project, _ tx: Tx) throws -> ContractBudget {
        let answers = try CaseStore.answers(project.id, tx).content
        let field = try CallStore.require(project.call, tx).content.form.fields.first { $0.kind == .budget }
        let headings = field?.options ?? ContractBudget.headings
        let mode = answers["money-mode"]?.string.flatMap(Mode.init(rawValue:)) ?? .budget
        let rows = try tx.rows(
            """
            SELECT revision, heading, amount_fen FROM project_budget
            WHERE project = \(project.id) AND revision = (
                SELECT MAX(revision) FROM project_budget WHERE project = \(project.id))
            """
        ) { (try $0["revision"] as Int, try $0["heading"] as String, try $0["amount_fen"] as Money) }
        var amounts = Dictionary(rows.map { ($0.1, $0.2) }, uniquingKeysWith: { first, _ in first })
        if rows.isEmpty { amounts = ContractBudget.amounts(answers["budget"] ?? .null) }
        return ContractBudget(mode: mode, headings: headings, amounts: amounts, revision: rows.first?.0 ?? 0)
    }

    /// The amounts that a budget field holds.
    static func amounts(_ answer: JSONValue) -> [String: Money] {
        (answer.object ?? [:]).compactMapValues { $0["amount"]?.integer.map(Money.init(fen:)) }
    }
}
