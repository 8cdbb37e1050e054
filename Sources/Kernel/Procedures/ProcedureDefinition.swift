internal import Foundation
internal import YAMLReading

/// A procedure (事项) as data: who may ask, on which basis, through which steps, within which days.
public struct ProcedureDefinition: Codable, Hashable, Sendable {
    /// e.g. `funding.application`.
    public let id: String
    /// A running case keeps the version under which it was opened.
    public let version: Int
    public let title: Bilingual
    public let summary: Bilingual
    /// Who may apply, in words for the service guide.
    public let who: Bilingual
    public let fee: Bilingual
    public let basis: [RuleSource]
    /// What to bring, in words for the guide.
    public let documents: [Bilingual]
    /// Whether the public guide shows it.
    public let isPublic: Bool
    /// What the applicant fills in, where the procedure has one form for all; the room adds lists that are data of the
    /// city or the world.
    public private(set) var form: Form?
    public private(set) var steps: [StepDefinition]
    /// The room that it belongs to, where pages made of its data show it.
    public let duty: String?
    /// How a case is filed through those pages; nil where only a room's own code opens cases.
    public let filing: FilingDefinition?
    /// How running cases of the version before go on under this one.
    public let replaces: Replacement?
    private let confidential: Bool?
    /// What filing it is, for the bars that forbid it; nil where no bar stands against it: appeals, tips, repairs.
    public let activity: Bar.Activity?
    private let shown: [String]?

    /// Fields that lists show and filter by.
    public var shownFields: [String] { shown ?? [] }

    /// Whether the files of its cases are for their applicant and the division that handles them alone.
    public var isConfidential: Bool { confidential ?? false }

    private enum CodingKeys: String, CodingKey {
        case id, version, title, summary, who, fee, basis, documents, form, steps, confidential, duty, filing, shown,
            replaces, activity
        case isPublic = "public"
    }

    public func step(_ id: String) -> StepDefinition? { steps.first { $0.id == id } }

    /// The same procedure with the choices that its fields take from lists of the city.
    func filled(from lists: [String: [FormOption]]) -> ProcedureDefinition {
        var definition = self
        definition.form = form?.filled(from: lists)
        for step in definition.steps.indices {
            for action in definition.steps[step].actions.indices {
                let asks = definition.steps[step].actions[action].asks
                definition.steps[step].actions[action].asks = asks.map { $0.filled(from: lists) }
            }
        }
        return definition
    }

    /// What is wrong with the definition: unknown targets, steps that cannot be reached or left, doubled names.
    var faults: [String] {
        var faults: [String] = []
        var names: Set<String> = []
        for step in steps {
            if !names.insert(step.id).inserted { faults.append("\(id): step \(step.id) is written twice") }
            if step.isFinal != step.actions.isEmpty { faults.append("\(id): step \(step.id) is final or has actions") }
            var actions: Set<String> = []
            for action in step.actions {
                if !actions.insert(action.id).inserted {
                    faults.append("\(id): action \(action.id) of \(step.id) is written twice")
                }
                // What is asked with an action stands in the record, which is never sealed.
                faults += Form(sections: [FormSection(name: action.id, title: action.title, fields: action.asks)])
                    .sealedFields.map { "\(id): action \(action.id) may not ask for \($0.name), which is kept sealed" }
                for name in action.when.map(\.field) where name.isEmpty {
                    faults.append("\(id): a condition of \(action.id) names no field")
                }
                if let limit = action.notBefore, (limit.period == nil) == (limit.parameter == nil) {
                    faults.append("\(id): notBefore of \(action.id) needs either a period or a parameter")
                }
                if self.step(action.to) == nil {
                    faults.append("\(id): action \(action.id) leads to unknown \(action.to)")
                }
            }
            faults += (step.panel?.faults ?? []).map { "\(id): \($0)" }
            if let clock = step.clock, (clock.period == nil) == (clock.parameter == nil) {
                faults.append("\(id): the clock of \(step.id) needs either a period or a parameter")
            }
        }
        if filing != nil, form == nil { faults.append("\(id): what is filed needs a form") }
        if filing?.by == .officer, let first = steps.first, first.holder != .officer {
            faults.append("\(id): what officers file begins with an officer")
        }
        for problem in form?.lint() ?? [] where problem.code != "form.options" {
            faults.append("\(id): \(problem.message.en)")
        }
        guard let first = steps.first else { return ["\(id): no steps"] }
        var reached: Set<String> = [first.id]
        var waiting = [first]
        while let step = waiting.popLast() {
            for action in step.actions where reached.insert(action.to).inserted {
                if let next = self.step(action.to) { waiting.append(next) }
            }
        }
        faults += steps.filter { !reached.contains($0.id) }.map { "\(id): step \($0.id) is never reached" }
        return faults
    }
}

/// One step: who holds the file, for how long, and what may be done.
public struct StepDefinition: Codable, Hashable, Sendable {
    /// Who holds the file.
    public enum Holder: String, Codable, Hashable, Sendable, CaseIterable {
        case applicant, organisation, officer, leader, treasurer, system, nobody

        /// As shown beside the clock.
        public var title: Bilingual {
            switch self {
            case .applicant: Bilingual("申请人", "Applicant")
            case .organisation: Bilingual("申报单位", "Organisation")
            case .officer: Bilingual("经办人", "Officer")
            case .leader: Bilingual("局领导", "Leader")
            case .treasurer: Bilingual("财务复核", "Treasurer")
            case .system: Bilingual("公示或自动办理", "Publicity or automatic")
            case .nobody: Bilingual("已办结", "Finished")
            }
        }
    }

    public let id: String
    public let title: Bilingual
    public let holder: Holder
    /// Who must act, in words, where that is somebody outside the case, such as the owner whom a bid waits for.
    public let waitsFor: Bilingual?
    public let isFinal: Bool
    public let clock: ClockDefinition?
    /// The experts who judge the case while it is here.
    public let panel: PanelDefinition?
    public fileprivate(set) var actions: [ActionDefinition]

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        id = try box.decode(String.self, forKey: .id)
        title = try box.decode(Bilingual.self, forKey: .title)
        isFinal = try box.decodeIfPresent(Bool.self, forKey: .isFinal) ?? false
        holder = try box.decodeIfPresent(Holder.self, forKey: .holder) ?? .nobody
        waitsFor = try box.decodeIfPresent(Bilingual.self, forKey: .waitsFor)
        clock = try box.decodeIfPresent(ClockDefinition.self, forKey: .clock)
        panel = try box.decodeIfPresent(PanelDefinition.self, forKey: .panel)
        actions = try box.decodeIfPresent([ActionDefinition].self, forKey: .actions) ?? []
    }

    private enum CodingKeys: String, CodingKey {
        case id, title, holder, waitsFor, clock, panel, actions
        case isFinal = "final"
    }

    /// Who has the file, as shown beside the clock.
    public var holderTitle: Bilingual { waitsFor ?? holder.title }

    public func action(_ id: String) -> ActionDefinition? { actions.first { $0.id == id } }
}

/// How long a step may take: a fixed period, or the parameter that holds it.
public struct ClockDefinition: Codable, Hashable, Sendable {
    public let title: Bilingual
    public let period: Period?
    public let parameter: String?
    /// What the house does by itself when the days are over; nothing where it is absent.
    public let lapse: String?
    /// The parameter with the shorter time that the bureau promises; a clock of its own, shown beside the other.
    public let promise: String?
    /// Clocks in its place for some cases: the first whose conditions hold.
    public let variants: [ClockVariant]?
    /// A value of the case that names the day from which the days count.
    public let starts: String?
}

/// The clock of a step for cases of which something is known, such as those of one programme.
public struct ClockVariant: Codable, Hashable, Sendable {
    public let when: [Condition]
    public let title: Bilingual?
    public let parameter: String
    /// A value of the case that names the day from which the days count; else they count from the step's beginning.
    public let starts: String?
}

/// One thing that may be done at a step.
public struct ActionDefinition: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable { case primary, secondary, danger }

    public let id: String
    public let title: Bilingual
    public let to: String
    public let kind: Kind
    /// Only the house itself does it.
    public let isSystem: Bool
    /// Whoever last did this action on the case may not do the present one (two people).
    public let otherThan: String?
    /// What is asked with the action, e.g. reasons.
    public fileprivate(set) var asks: [FormField]
    public let guards: [String]
    public let effects: [String]
    /// The letter that goes out with it.
    public let letter: String?
    /// The clock of the step to which it leads counts from the day on which one of these actions was last done.
    public let countsFrom: [String]
    /// The parameter with the days by which it prolongs the running clock; the case stays at its step.
    public let prolongs: String?
    /// Whether a bar in force stands against it, as against leaving a draft: an award, a signature.
    public let isBarrable: Bool
    /// It is offered only where all of these hold of what is known of the case.
    public let when: [Condition]
    /// How long the case must have been at its step before.
    public let notBefore: ShortestStay?

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        id = try box.decode(String.self, forKey: .id)
        title = try box.decode(Bilingual.self, forKey: .title)
        to = try box.decode(String.self, forKey: .to)
        kind = try box.decodeIfPresent(Kind.self, forKey: .kind) ?? .secondary
        isSystem = try box.decodeIfPresent(Bool.self, forKey: .isSystem) ?? false
        otherThan = try box.decodeIfPresent(String.self, forKey: .otherThan)
        asks = try box.decodeIfPresent([FormField].self, forKey: .asks) ?? []
        guards = try box.decodeIfPresent([String].self, forKey: .guards) ?? []
        effects = try box.decodeIfPresent([String].self, forKey: .effects) ?? []
        letter = try box.decodeIfPresent(String.self, forKey: .letter)
        countsFrom = try box.decodeIfPresent([String].self, forKey: .countsFrom) ?? []
        prolongs = try box.decodeIfPresent(String.self, forKey: .prolongs)
        isBarrable = try box.decodeIfPresent(Bool.self, forKey: .isBarrable) ?? false
        when = try box.decodeIfPresent([Condition].self, forKey: .when) ?? []
        notBefore = try box.decodeIfPresent(ShortestStay.self, forKey: .notBefore)
    }

    private enum CodingKeys: String, CodingKey {
        case id, title, to, kind, otherThan, asks, guards, effects, letter, countsFrom, prolongs, when,
            notBefore
        case isSystem = "system"
        case isBarrable = "barrable"
    }
}

extension ProcedureDefinition {
    /// Reads every definition of a folder and checks it.
    /// - Throws: ``ProcedureError/faultyDefinition(_:)`` with all faults.
    public static func load(folder: String) throws -> [ProcedureDefinition] {
        var definitions: [ProcedureDefinition] = []
        var faults: [String] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.filter({ $0.hasSuffix(".yaml") }).sorted() {
            do {
                let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                let definition = try YAMLReader.decode(ProcedureDefinition.self, from: text)
                faults += definition.faults
                definitions.append(definition)
            } catch {
                faults.append("\(folder)/\(name): \(error)")
            }
        }
        guard faults.isEmpty else { throw ProcedureError.faultyDefinition(faults) }
        return definitions
    }
}
