public import Store

/// Somebody who must be told of an incident apart from the public: whom, by when, and when it was done. Where personal
/// information leaked, was changed or lost, that is the authority and the people concerned, without delay
/// (个人信息保护法第五十七条). It is the administrators' own list: the record, which auditors read, says who was put on it,
/// until when, and when they were told, and nothing of what was written there.
public struct IncidentTelling: Hashable, Sendable {
    public enum Whom: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case authority, people, police, other

        public var title: Bilingual {
            switch self {
            case .authority: Bilingual("履行个人信息保护职责的部门", "Authority for personal information")
            case .people: Bilingual("受影响的个人", "People concerned")
            case .police: Bilingual("公安机关", "Police")
            case .other: Bilingual("其他", "Others")
            }
        }
    }

    public let id: ID<IncidentTelling>
    public let incident: ID<IncidentReport>
    public let whom: Whom
    /// What to tell, or who the others are.
    public let note: String
    public let dueOn: Day
    /// The day on which they were told; nil while they wait.
    public let doneOn: Day?
    /// How they were told, or why they need not be.
    public let doneNote: String

    init(row: Row) throws {
        id = try row["id"]
        incident = try row["incident"]
        whom = try row["whom"]
        note = try row["note"]
        dueOn = try row["due_on"]
        doneOn = try row["done_on"]
        let told: String? = try row["done_note"]
        doneNote = told ?? ""
    }

    /// Who and what, in words.
    public var title: Bilingual {
        guard !note.isEmpty else { return whom.title }
        let written = Bilingual(written: note)
        return Bilingual("\(whom.title.zh)：\(written.zh)", "\(whom.title.en): \(written.en)")
    }
}

/// The list of who must be told of incidents.
public enum IncidentTellingStore {
    /// Of one incident, the soonest due first.
    public static func list(of incident: ID<IncidentReport>, _ tx: Tx) throws -> [IncidentTelling] {
        try tx.rows(
            "SELECT * FROM incident_telling WHERE incident = \(incident) ORDER BY due_on, id",
            IncidentTelling.init(row:))
    }

    /// Of all incidents, those who have not been told, the soonest due first.
    public static func waiting(limit: Int, _ tx: Tx) throws -> [IncidentTelling] {
        try tx.rows(
            "SELECT * FROM incident_telling WHERE done_on IS NULL ORDER BY due_on, id LIMIT \(limit)",
            IncidentTelling.init(row:))
    }

    static func add(
        _ id: ID<IncidentTelling>, of incident: ID<IncidentReport>, _ whom: IncidentTelling.Whom, note: String,
        dueOn: Day, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO incident_telling (id, incident, whom, note, due_on, added_by, added_at)
            VALUES (\(id), \(incident), \(whom), \(note), \(dueOn), \(actor.account?.text ?? "system"), \(now))
            """)
        try Incidents.record(
            "incident.telling-added", incident,
            [
                "telling": .string(id.text), "whom": .string(whom.rawValue), "due": .string(dueOn.description),
            ], by: actor, at: now, tx)
    }
}

extension Incidents {
    /// What an administrator typed of somebody who must be told.
    public struct TellingDraft: Hashable, Sendable {
        public let whom: String
        public let due: String
        public let note: String

        public init(whom: String, due: String, note: String) {
            self.whom = whom
            self.due = due
            self.note = note.trimmed
        }

        /// Characters of a note.
        public static let longest = 500

        func problems() -> [FieldProblem] {
            var found: [FieldProblem] = []
            let kind = IncidentTelling.Whom(rawValue: whom)
            if kind == nil {
                found.append(
                    FieldProblem(
                        field: "whom", code: "incident.whom",
                        message: Bilingual("请选择须告知对象", "Whom: choose who must be told")))
            }
            if Day(due) == nil {
                found.append(
                    FieldProblem(
                        field: "due", code: "incident.due",
                        message: Bilingual("请按 2026-01-31 的格式填写期限", "By when: write the day as 2026-01-31")))
            }
            return found
                + Words.problems(
                    note, "note", Bilingual("说明", "Note"), isRequired: kind == .other, most: Self.longest)
        }
    }

    /// What an administrator typed once somebody was told.
    public struct ToldDraft: Hashable, Sendable {
        public let telling: String
        public let day: String
        public let how: String

        public init(telling: String, day: String, how: String) {
            self.telling = telling
            self.day = day
            self.how = how.trimmed
        }

        func problems(_ waiting: [IncidentTelling], today: Day) -> [FieldProblem] {
            var found: [FieldProblem] = []
            if !waiting.contains(where: { $0.id.text == telling }) {
                found.append(
                    FieldProblem(
                        field: "telling", code: "incident.telling",
                        message: Bilingual("请选择尚未告知的一项", "Who was told: choose one who waits")))
            }
            if Day(day).map({ $0 > today }) ?? true {
                found.append(
                    FieldProblem(
                        field: "told-on", code: "incident.told-on",
                        message: Bilingual(
                            "请填写告知日期（不晚于今天），如 2026-01-31", "Told on: write the day as 2026-01-31, not after today")))
            }
            return found + Words.problems(how, "how", Bilingual("告知情况", "How"), most: TellingDraft.longest)
        }
    }

    /// Puts somebody on the list of who must be told.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with everything that is wrong, ``IncidentError/unknown``,
    ///   ``AccessError/forbidden(_:)``.
    public func add(_ draft: TellingDraft, to id: ID<IncidentReport>, by actor: Actor) async throws {
        try Policy.require(actor, .reportIncidents)
        let problems = draft.problems()
        guard problems.isEmpty, let whom = IncidentTelling.Whom(rawValue: draft.whom), let due = Day(draft.due) else {
            throw PlainProblem.incomplete(problems)
        }
        let (now, telling) = (house.clock.now(), house.ids.make(IncidentTelling.self))
        try await house.db.write { tx in
            guard try IncidentStore.find(id, tx) != nil else { throw IncidentError.unknown }
            try IncidentTellingStore.add(
                telling, of: id, whom, note: draft.note, dueOn: due, by: actor, at: now, tx)
        }
    }

    /// Notes that somebody was told, or why they need not be.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with everything that is wrong, ``AccessError/forbidden(_:)``.
    public func told(_ draft: ToldDraft, of id: ID<IncidentReport>, by actor: Actor) async throws {
        try Policy.require(actor, .reportIncidents)
        let now = house.clock.now()
        let today = house.city.zone.day(of: now)
        try await house.db.write { tx in
            let waiting = try IncidentTellingStore.list(of: id, tx).filter { $0.doneOn == nil }
            let problems = draft.problems(waiting, today: today)
            guard problems.isEmpty, let day = Day(draft.day) else { throw PlainProblem.incomplete(problems) }
            try tx.run(
                """
                UPDATE incident_telling SET done_on = \(day), done_note = \(draft.how),
                    done_by = \(actor.account?.text ?? "system")
                WHERE id = \(draft.telling) AND done_on IS NULL
                """)
            try Incidents.record(
                "incident.told", id,
                ["telling": .string(draft.telling), "on": .string(day.description)], by: actor, at: now, tx)
        }
    }
}
