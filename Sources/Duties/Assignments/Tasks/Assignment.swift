import Kernel
import Store

/// From where a task came.
enum AssignmentSource: String, Sendable, CaseIterable {
    case partyCommittee = "party-committee"
    case government, superior, congress, leaders, other

    var title: Bilingual {
        switch self {
        case .partyCommittee: Bilingual("市委", "Party Committee")
        case .government: Bilingual("市政府", "City government")
        case .superior: Bilingual("上级部门", "Superior authority")
        case .congress: Bilingual("人大建议、政协提案", "Congress and CPPCC proposals")
        case .leaders: Bilingual("领导批示", "Instruction of a leader")
        case .other: Bilingual("其他", "Other")
        }
    }
}

/// Who may see a task.
enum Secrecy: String, Sendable, CaseIterable {
    /// May be spoken of outside the bureau.
    case open
    /// The bureau.
    case `internal`
    /// The divisions concerned and the leaders.
    case restricted

    var title: Bilingual {
        switch self {
        case .open: Bilingual("可公开", "Open")
        case .internal: Bilingual("内部", "Internal")
        case .restricted: Bilingual("限定知悉范围", "Restricted")
        }
    }
}

/// A task given to the bureau.
struct Assignment: Hashable, Sendable {
    enum State: String, Sendable, CaseIterable, SQLConvertible {
        case open, reported, closed

        var title: Bilingual {
            switch self {
            case .open: Bilingual("在办", "Open")
            case .reported: Bilingual("已反馈待核查", "Reported, to be checked")
            case .closed: Bilingual("已办结", "Closed")
            }
        }
    }

    let caseID: ID<CaseFile>
    let number: String
    let title: String
    let source: AssignmentSource
    let document: String
    let secrecy: Secrecy
    let receivedOn: Day
    let deadline: Day
    /// The leading division; empty until it is shared out.
    let lead: String
    let assisting: [String]
    let state: State
    let reportedOn: Day?
    let closedOn: Day?

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        title = try row["title"]
        source = AssignmentSource(rawValue: try row["source"]) ?? .other
        document = try row["document"]
        secrecy = Secrecy(rawValue: try row["secrecy"]) ?? .restricted
        receivedOn = try row["received_on"]
        deadline = try row["deadline"]
        lead = try row["lead"]
        let words: String = try row["assisting"]
        assisting = words.split(separator: " ").map(String.init)
        state = try row["state"]
        reportedOn = try row["reported_on"]
        closedOn = try row["closed_on"]
    }

    /// The divisions that the task concerns, the office that follows it included.
    var divisions: [String] { [Assignments.office, lead].filter { !$0.isEmpty } + assisting }
}

/// A milestone of a task.
struct Milestone: Hashable, Sendable {
    let position: Int
    let title: String
    let dueOn: Day
    let doneOn: Day?

    init(row: Row) throws {
        position = try row["position"]
        title = try row["title"]
        dueOn = try row["due_on"]
        doneOn = try row["done_on"]
    }
}

/// Something of the house that a task concerns, as it stands now.
struct Concern: Hashable, Sendable {
    enum Kind: String, Sendable, SQLConvertible { case `case`, entry }

    let kind: Kind
    let number: String
    let target: String
    /// The state in which an entry must be in the end; empty for a case, which must be finished.
    let wanted: String
    /// Of a case: procedure, version, step and due day.
    let procedure: String
    let version: Int
    let step: String
    let dueOn: Day?
    /// Of an entry: its register, name and state.
    let register: String
    let name: String
    let state: String

    init(row: Row) throws {
        kind = try row["kind"]
        number = try row["number"]
        target = try row["target"]
        wanted = try row["wanted"]
        let procedure: String? = try row["procedure"]
        let version: Int? = try row["version"]
        let step: String? = try row["step"]
        let register: String? = try row["register"]
        let name: String? = try row["name"]
        let state: String? = try row["entry_state"]
        self.procedure = procedure ?? ""
        self.version = version ?? 0
        self.step = step ?? ""
        dueOn = try row["due_on"]
        self.register = register ?? ""
        self.name = name ?? ""
        self.state = state ?? ""
    }

    /// Whether a case is finished, or an entry is as wanted.
    func isDone(_ procedures: Procedures) -> Bool {
        switch kind {
        case .case:
            procedures.definitions.first { $0.id == procedure && $0.version == version }?.step(step)?.isFinal ?? false
        case .entry: wanted.isEmpty || state == wanted
        }
    }
}

/// A task with all that its light is computed from.
struct AssignmentWhole: Sendable {
    let task: Assignment
    let milestones: [Milestone]
    let concerns: [Concern]

    /// What the light is told on a day.
    func facts(on day: Day, near: Int, _ procedures: Procedures) -> LightFacts {
        var facts = LightFacts()
        facts.daysLeft = task.deadline.number - day.number
        let open = milestones.filter { $0.doneOn == nil }
        facts.milestoneLate = open.map { day.number - $0.dueOn.number }.max() ?? 0
        let clocks = concerns.filter { $0.kind == .case && !$0.isDone(procedures) }.compactMap(\.dueOn)
        facts.objectsLate = clocks.filter { $0 < day }.count
        facts.objectsNear = clocks.filter { $0 >= day && $0.number - day.number <= near }.count
        facts.reported = task.state != .open
        return facts
    }
}

/// What was done for a task, as it was written down.
struct ProgressNote: Hashable, Sendable {
    let position: Int
    let text: String
    let evidence: String
    let milestone: Int?
    let by: String
    let at: Instant

    init(row: Row) throws {
        position = try row["position"]
        text = try row["text"]
        evidence = try row["evidence"]
        milestone = try row["milestone"]
        by = try row["written_by"]
        at = try row["written_at"]
    }
}
