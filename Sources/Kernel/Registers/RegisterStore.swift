public import Store

/// Reads and writes entries; every change is kept with its reason and leaves an event in the record.
public enum RegisterStore {
    // MARK: Changing

    /// Adds an entry in the register's first state.
    /// - Parameters:
    ///   - values: by field of the register's form; others are left out.
    ///   - found: what is wrong beside the values, to be told with them.
    /// - Throws: ``ProcedureError/refused(_:)`` with everything wrong.
    @discardableResult
    public static func add(
        _ definition: RegisterDefinition, _ values: JSONValue, id: ID<RegisterMark>,
        organisation: ID<OrganisationMark>? = nil, found: [FieldProblem] = [], _ act: RegisterAct, _ tx: Tx
    ) throws -> RegisterEntry {
        let content = try checked(definition, values, found, tx)
        let number = try NumberPattern.next(
            definition.number, series: "register.\(definition.id)", year: act.day.parts.year, tx)
        let name = content[definition.name]?.plainText ?? number
        try tx.run(
            """
            INSERT INTO register_entry (id, register, number, name, state, organisation, case_id, content, revision,
                created_at)
            VALUES (\(id), \(definition.id), \(number), \(name), \(definition.states.first?.id ?? ""), \(organisation),
                \(act.caseID), \(content), 1, \(act.now))
            """)
        let entry = try require(definition.id, number, tx)
        try index(entry, definition, on: act.day, tx)
        try note("added", entry, content, act, tx)
        return entry
    }

    /// Changes values of an entry; those that are not given stay.
    /// - Parameters:
    ///   - revision: what the person saw; nil where nobody looked at a page.
    ///   - found: what is wrong beside the values, to be told with them.
    /// - Throws: ``ProcedureError/refused(_:)``, ``RegisterError/stale``.
    @discardableResult
    public static func change(
        _ entry: RegisterEntry, of definition: RegisterDefinition, _ values: JSONValue, revision: Int? = nil,
        found: [FieldProblem] = [], _ act: RegisterAct, _ tx: Tx
    ) throws -> RegisterEntry {
        var members = entry.content.object ?? [:]
        members.merge(values.object ?? [:]) { _, new in new }
        let content = try checked(definition, .object(members), found, tx)
        if let revision, revision != entry.revision { throw RegisterError.stale }
        let name = content[definition.name]?.plainText ?? entry.number
        try tx.run(
            """
            UPDATE register_entry SET content = \(content), name = \(name), revision = revision + 1
            WHERE id = \(entry.id)
            """)
        let changed = try require(definition.id, entry.number, tx)
        try index(changed, definition, on: act.day, tx)
        let difference = (content.object ?? [:]).filter { entry.content[$0.key] != $0.value }
        try note("changed", changed, .object(difference), act, tx)
        return changed
    }

    /// Sets the state of an entry.
    /// - Throws: ``RegisterError/unknownState(_:)``.
    public static func setState(
        _ entry: RegisterEntry, of definition: RegisterDefinition, _ state: String, _ act: RegisterAct, _ tx: Tx
    ) throws {
        guard definition.state(state) != nil else { throw RegisterError.unknownState(state) }
        try tx.run(
            "UPDATE register_entry SET state = \(state), revision = revision + 1 WHERE id = \(entry.id)")
        try note("state", entry, ["state": .string(state), "before": .string(entry.state)], act, tx)
    }

    /// Keeps the figures of an entry for a period; `.null` takes one away.
    /// - Parameter found: what is wrong beside the figures, to be told with them.
    /// - Throws: ``ProcedureError/refused(_:)`` with everything wrong.
    public static func setFigures(
        _ entry: RegisterEntry, of definition: RegisterDefinition, period: String, _ values: JSONValue,
        found: [FieldProblem] = [], _ act: RegisterAct, _ tx: Tx
    ) throws {
        guard let figures = definition.figures else { throw RegisterError.unknownEntry }
        let problems = FigureCheck.problems(figures, period: period, values) + found
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        for field in figures.fields {
            guard let value = values[field.name] else { continue }
            guard let number = value.integer else {
                try tx.run(
                    """
                    DELETE FROM register_figure
                    WHERE entry = \(entry.id) AND period = \(period) AND field = \(field.name)
                    """)
                continue
            }
            try tx.run(
                """
                INSERT INTO register_figure (entry, period, field, register, value)
                VALUES (\(entry.id), \(period), \(field.name), \(definition.id), \(number))
                ON CONFLICT (entry, period, field) DO UPDATE SET value = excluded.value
                """)
        }
        var content = values.object ?? [:]
        content["period"] = .string(period)
        try note("figures", entry, .object(content), act, tx)
    }

    private static func checked(
        _ definition: RegisterDefinition, _ values: JSONValue, _ found: [FieldProblem], _ tx: Tx
    ) throws -> JSONValue {
        let content = content(definition, values)
        let problems = try problems(definition, content, tx) + found
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        return content
    }

    private static func content(_ definition: RegisterDefinition, _ values: JSONValue) -> JSONValue {
        var kept: [String: JSONValue] = [:]
        for field in definition.form.fields where field.kind != .files {
            if let value = values[field.name], value != .null { kept[field.name] = value }
        }
        return .object(kept)
    }

    /// Everything that keeps content from being an entry of the register.
    private static func problems(
        _ definition: RegisterDefinition, _ content: JSONValue, _ tx: Tx
    ) throws -> [FieldProblem] {
        let form = Form(
            sections: definition.form.sections.map { section in
                var section = section
                section.fields.removeAll { $0.kind == .files }
                return section
            })
        return form.problems(content, complete: true) + (try problems(form.fields, content, tx))
    }

    /// Text fields that name an entry of a register that is not there.
    static func problems(_ fields: [FormField], _ answers: JSONValue, _ tx: Tx) throws -> [FieldProblem] {
        try fields.compactMap { field in
            guard let register = field.register, let number = answers[field.name]?.string, !number.isEmpty,
                try find(register, number, tx) == nil
            else { return nil }
            return FieldProblem(
                field: field.name, code: "register.no-entry",
                message: Bilingual(
                    "「\(field.label.zh)」名册中没有编号 \(number)", "\(field.label.en): the register has no number \(number)"))
        }
    }

    private static func index(
        _ entry: RegisterEntry, _ definition: RegisterDefinition, on day: Day, _ tx: Tx
    ) throws {
        for field in definition.shownFields {
            let content = entry.content[field.name] ?? .null
            let plain = content.plainText ?? content.array?.compactMap(\.plainText).joined(separator: " ") ?? ""
            try tx.run(
                """
                INSERT INTO register_value (entry, register, field, value, number)
                VALUES (\(entry.id), \(entry.register), \(field.name), \(String(plain.prefix(CaseValues.longest))),
                    \(entry.number))
                ON CONFLICT (entry, field) DO UPDATE SET value = excluded.value
                """)
        }
        if let found = searchEntry(entry, definition, on: day) { try Search.index(found, tx) }
    }

    /// How an entry is found by searching; nil where its register is for the bureau alone.
    private static func searchEntry(
        _ entry: RegisterEntry, _ definition: RegisterDefinition, on day: Day
    ) -> SearchEntry? {
        guard definition.isPublic else { return nil }
        let form = definition.form(isStaff: false)
        let words = form.fields.compactMap { entry.content[$0.name]?.string }.joined(separator: " ")
        return SearchEntry(
            kind: .entry, subject: entry.id.text, address: "/registers/\(entry.register)/\(entry.number)",
            title: Bilingual(entry.name, entry.name), text: "\(entry.number) \(words)", day: day)
    }

    /// All entries of public registers.
    public static func searchSource(_ registers: Registers, _ zone: CityZone) -> SearchSource {
        SearchSource(
            { after, limit, tx in
                try tx.rows("SELECT * FROM register_entry WHERE id > \(after ?? "") ORDER BY id LIMIT \(limit)") {
                    row in
                    (entry: try RegisterEntry(row: row), day: zone.day(of: try row["created_at"] as Instant))
                }
            },
            place: { $0.entry.id.text },
            entry: { item in
                registers[item.entry.register].flatMap { searchEntry(item.entry, $0, on: item.day) }
            })
    }

    private static func note(
        _ kind: String, _ entry: RegisterEntry, _ content: JSONValue, _ act: RegisterAct, _ tx: Tx
    ) throws {
        let ordinal: Int = try tx.value("SELECT COUNT(*) FROM register_history WHERE entry = \(entry.id)") ?? 0
        try tx.run(
            """
            INSERT INTO register_history (entry, ordinal, kind, content, reason, reason_en, case_id, made_by, at)
            VALUES (\(entry.id), \(ordinal), \(kind), \(content), \(act.reason.zh), \(act.reason.en), \(act.caseID),
                \(act.actor.account?.text ?? "system"), \(act.now))
            """)
        try Record.append(
            Event(
                room: "registers", kind: "register.\(kind)", subjectKind: "entry", subject: entry.id.text,
                caseID: act.caseID, actor: act.actor, at: act.now,
                content: [
                    "register": .string(entry.register), "number": .string(entry.number), "values": content,
                    "reason": .string(act.reason.zh),
                ]), tx)
    }
}

/// What keeps figures from being kept.
enum FigureCheck {
    /// Everything that is wrong with the figures of a period, by their fields and `period`.
    static func problems(
        _ figures: RegisterDefinition.Figures, period: String, _ values: JSONValue
    ) -> [FieldProblem] {
        var found: [FieldProblem] = []
        if !figures.period.fits(period) {
            found.append(
                FieldProblem(
                    field: "period", code: "figure.period",
                    message: Bilingual(
                        "期间请按 \(figures.period.example) 的格式填写", "Write the period as \(figures.period.example)")))
        }
        for field in figures.fields {
            guard let value = values[field.name], value != .null else { continue }
            guard let number = value.integer, number >= 0, number <= Money.largest.fen else {
                found.append(
                    FieldProblem(
                        field: field.name, code: "figure.number",
                        message: Bilingual(
                            "「\(field.label.zh)」应为不小于零的数", "\(field.label.en) must be a number of at least zero")))
                continue
            }
        }
        return found
    }
}
