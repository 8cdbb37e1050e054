internal import Foundation
internal import YAMLReading

/// A register (名册) as data: what an entry holds, who sees it, its states and its figures by period.
public struct RegisterDefinition: Codable, Hashable, Sendable {
    /// Who may change entries by hand; procedures always may.
    public enum Editing: String, Codable, Hashable, Sendable { case officer, cases }

    /// A state of an entry.
    public struct State: Codable, Hashable, Sendable {
        public let id: String
        public let title: Bilingual
    }

    /// Figures of an entry, period by period.
    public struct Figures: Codable, Hashable, Sendable {
        public let period: FigurePeriod
        public let fields: [FigureField]
    }

    /// What lists are drawn by.
    public struct ChartBy: Codable, Hashable, Sendable { public let by: String? }

    public let id: String
    /// The room that keeps it.
    public let duty: String
    public let title: Bilingual
    public let summary: Bilingual
    /// Whether everybody may see its entries, without the internal fields.
    public let isPublic: Bool
    /// The numbers of its entries, a pattern as in ``FilingDefinition/number``.
    public let number: String
    /// The field that names an entry.
    public let name: String
    /// The division whose officers keep it.
    public let division: String
    /// Its states; a new entry has the first.
    public let states: [State]
    public let form: Form
    public let figures: Figures?
    private let `internal`: [String]?
    private let shown: [String]?
    private let chart: ChartBy?
    private let edits: Editing?

    /// Fields for the bureau only.
    public var internalFields: Set<String> { Set(`internal` ?? []) }
    /// Fields that lists show and filter by.
    public var shownFields: [FormField] { (shown ?? []).compactMap { form.field($0) } }
    /// The choice field by which entries are counted in a chart.
    public var chartField: FormField? { chart?.by.flatMap { form.field($0) } }
    public var editing: Editing { edits ?? .officer }

    private enum CodingKeys: String, CodingKey {
        case id, duty, title, summary, number, name, division, states, form, figures, `internal`, shown, chart, edits
        case isPublic = "public"
    }

    public func state(_ id: String) -> State? { states.first { $0.id == id } }

    /// The form as somebody may see it.
    public func form(isStaff: Bool) -> Form {
        guard !isStaff, let hidden = `internal`, !hidden.isEmpty else { return form }
        return Form(
            sections: form.sections.map { section in
                var section = section
                section.fields.removeAll { hidden.contains($0.name) }
                return section
            }.filter { !$0.fields.isEmpty })
    }

    /// What is wrong with the definition.
    var faults: [String] {
        var faults = form.lint().filter { $0.code != "form.options" }.map { "\(id): \($0.message.en)" }
        let named = [name] + (shown ?? []) + (`internal` ?? []) + [chart?.by].compactMap(\.self)
        faults += named.filter { form.field($0) == nil }.map { "\(id): no field \($0)" }
        // Entries and their history lie in the clear, and lists look for what they say.
        faults += form.fields.filter { $0.isSealed || ($0.columns ?? []).contains(where: \.isSealed) }.map {
            "\(id): \($0.name) may be neither personal nor a telephone, mail address or contact"
        }
        if states.isEmpty { faults.append("\(id): no states") }
        return faults
    }
}

/// Over which time a figure is given.
public enum FigurePeriod: String, Codable, Hashable, Sendable {
    case year, quarter, month
    case halfYear = "half-year"

    /// Whether a text names such a period: `2026`, `2026-H1`, `2026-Q3`, `2026-07`.
    public func fits(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let year = parts.first, year.count == 4, Int(year) != nil else { return false }
        guard self != .year else { return parts.count == 1 }
        guard parts.count == 2 else { return false }
        switch self {
        case .year: return false
        case .halfYear: return ["H1", "H2"].contains(parts[1])
        case .quarter: return ["Q1", "Q2", "Q3", "Q4"].contains(parts[1])
        case .month: return parts[1].count == 2 && (1...12).contains(Int(parts[1]) ?? 0)
        }
    }

    /// An example of how it is written.
    public var example: String {
        switch self {
        case .year: "2026"
        case .halfYear: "2026-H1"
        case .quarter: "2026-Q3"
        case .month: "2026-07"
        }
    }
}

/// A figure: a whole number, or money in fen.
public struct FigureField: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable { case number, money }

    public let name: String
    public let label: Bilingual
    public let kind: Kind
    public let unit: Bilingual?
    private let sum: Bool?

    /// Whether the figures of all entries of a period are added up in a chart.
    public var isSummed: Bool { sum ?? false }
}

/// The registers of a city.
public struct Registers: Sendable {
    public let definitions: [RegisterDefinition]
    private let byID: [String: RegisterDefinition]

    public init(_ definitions: [RegisterDefinition]) {
        self.definitions = definitions
        byID = Dictionary(definitions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads the registers of folders; an earlier folder's definition counts.
    /// - Throws: ``ProcedureError/faultyDefinition(_:)`` with all faults.
    static func load(folders: [String]) throws -> Registers {
        var definitions: [RegisterDefinition] = []
        var faults: [String] = []
        for folder in folders {
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            where name.hasSuffix(".yaml") {
                do {
                    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    let definition = try YAMLReader.decode(RegisterDefinition.self, from: text)
                    faults += definition.faults
                    if !definitions.contains(where: { $0.id == definition.id }) { definitions.append(definition) }
                } catch {
                    faults.append("\(folder)/\(name): \(error)")
                }
            }
        }
        guard faults.isEmpty else { throw ProcedureError.faultyDefinition(faults) }
        return Registers(definitions)
    }

    public subscript(_ id: String) -> RegisterDefinition? { byID[id] }

    /// - Throws: ``RegisterError/unknownRegister(_:)``.
    public func require(_ id: String) throws -> RegisterDefinition {
        guard let found = byID[id] else { throw RegisterError.unknownRegister(id) }
        return found
    }
}

/// Why an entry cannot be found or changed.
public enum RegisterError: Problem, Hashable {
    case unknownRegister(String)
    case unknownEntry
    case unknownState(String)
    case keptByCases
    case stale

    public var kind: ProblemKind {
        switch self {
        case .unknownRegister, .unknownEntry: .notFound
        case .unknownState: .invalid
        case .keptByCases: .forbidden
        case .stale: .stale
        }
    }

    public var code: String {
        switch self {
        case .unknownRegister: "register.unknown"
        case .unknownEntry: "register.no-entry"
        case .unknownState: "register.state"
        case .keptByCases: "register.by-cases"
        case .stale: "register.stale"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknownRegister(let id): Bilingual("没有名册 \(id)。", "There is no register \(id).")
        case .unknownEntry: Bilingual("名册中没有这一条。", "The register has no such entry.")
        case .unknownState(let state): Bilingual("没有状态「\(state)」。", "There is no state '\(state)'.")
        case .keptByCases:
            Bilingual("该名册只能由办件变更，不能手工修改。", "Only cases change this register; it cannot be edited by hand.")
        case .stale:
            Bilingual(
                "您打开以后，该条目已被修改。请核对后重新提交。",
                "The entry was changed after you opened it; compare and send it again.")
        }
    }
}
