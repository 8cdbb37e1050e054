public import Store

extension RegisterStore {
    public static func find(_ register: String, _ number: String, _ tx: Tx) throws -> RegisterEntry? {
        try tx.first(
            "SELECT * FROM register_entry WHERE register = \(register) AND number = \(number)", RegisterEntry.init(row:)
        )
    }

    /// - Throws: ``RegisterError/unknownEntry``.
    public static func require(_ register: String, _ number: String, _ tx: Tx) throws -> RegisterEntry {
        guard let entry = try find(register, number, tx) else { throw RegisterError.unknownEntry }
        return entry
    }

    /// The entries that a case made, first to last.
    public static func entries(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [RegisterEntry] {
        try tx.rows(
            "SELECT * FROM register_entry WHERE case_id = \(caseID) ORDER BY created_at, id LIMIT 50",
            RegisterEntry.init(row:))
    }

    /// The entries of an organisation in a register.
    public static func entries(
        of organisation: ID<OrganisationMark>, in register: String, limit: Int = 200, _ tx: Tx
    ) throws -> [RegisterEntry] {
        try tx.rows(
            """
            SELECT * FROM register_entry WHERE organisation = \(organisation) AND register = \(register)
            ORDER BY number LIMIT \(limit)
            """, RegisterEntry.init(row:))
    }

    /// A page by number, newest number first, before a number; every filter has its index.
    public static func list(
        _ register: String, _ filter: RegisterFilter = RegisterFilter(), before: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [RegisterEntry] {
        var conditions: [SQL] = ["e.register = \(register)"]
        var source: SQL = "register_entry e"
        var order: SQL = "e.number"
        var fields = filter.fields.sorted { $0.key < $1.key }
        if let (field, value) = fields.first {
            // The first filter leads: its index has the entries in the order of the list.
            fields.removeFirst()
            source = "register_value d JOIN register_entry e ON e.id = d.entry"
            order = "d.number"
            conditions += ["d.register = \(register)", "d.field = \(field)", "d.value = \(value)"]
        }
        if let state = filter.state { conditions.append("e.state = \(state)") }
        if let before { conditions.append("\(order) < \(before)") }
        if let name = filter.name { conditions.append("e.name >= \(name) AND e.name < \(name + "\u{10FFFF}")") }
        for (field, value) in fields {
            conditions.append(
                "EXISTS (SELECT 1 FROM register_value v WHERE v.entry = e.id AND v.field = \(field) AND v.value = \(value))"
            )
        }
        return try tx.rows(
            """
            SELECT e.* FROM \(source) WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY \(order) DESC LIMIT \(limit)
            """, RegisterEntry.init(row:))
    }

    /// How many entries each value of a shown field has.
    public struct ValueCount: Hashable, Sendable {
        public let register: String
        public let value: String
        public let count: Int
    }

    /// A shown field of a register whose values are counted, among the entries in one state or in all.
    public struct CountedField: Hashable, Sendable {
        public let register: String
        public let field: String
        public let state: String?

        public init(_ register: String, _ field: String, state: String? = nil) {
            self.register = register
            self.field = field
            self.state = state
        }
    }

    /// How many entries each value of shown fields has, the most frequent first.
    public static func counts(_ fields: [CountedField], _ tx: Tx) throws -> [ValueCount] {
        guard !fields.isEmpty else { return [] }
        let conditions = fields.map { item -> SQL in
            let state: SQL = item.state.map { " AND e.state = \($0)" } ?? ""
            return "(v.register = \(item.register) AND v.field = \(item.field)\(state))"
        }
        return try tx.rows(
            """
            SELECT v.register, v.value, COUNT(*) AS count FROM register_value v JOIN register_entry e ON e.id = v.entry
            WHERE \(SQL.join(conditions, separator: " OR "))
            GROUP BY v.register, v.value ORDER BY v.register, count DESC, v.value
            """
        ) { ValueCount(register: try $0["register"], value: try $0["value"], count: try $0["count"]) }
    }

    /// How many entries registers have in each state.
    public static func states(
        _ registers: [String], _ tx: Tx
    ) throws -> [String: [(state: String, count: Int)]] {
        var states: [String: [(state: String, count: Int)]] = [:]
        for row in try tx.rows(
            """
            SELECT register, state, COUNT(*) AS count FROM register_entry WHERE register IN \(list: registers)
            GROUP BY register, state ORDER BY register, state
            """)
        {
            states[try row["register"], default: []].append((state: try row["state"], count: try row["count"]))
        }
        return states
    }

    /// The history of an entry, oldest first.
    public static func history(of entry: ID<RegisterMark>, _ tx: Tx) throws -> [RegisterChange] {
        try tx.rows("SELECT * FROM register_history WHERE entry = \(entry) ORDER BY ordinal", RegisterChange.init(row:))
    }

    /// The figures of an entry: by period, then field.
    public static func figures(of entry: ID<RegisterMark>, _ tx: Tx) throws -> [String: [String: Int64]] {
        let rows = try tx.rows(
            "SELECT period, field, value FROM register_figure WHERE entry = \(entry) ORDER BY period, field"
        ) { (try $0["period"] as String, try $0["field"] as String, try $0["value"] as Int64) }
        var figures: [String: [String: Int64]] = [:]
        for (period, field, value) in rows { figures[period, default: [:]][field] = value }
        return figures
    }

    /// A figure of a register over all its entries in one period.
    public struct FigureSum: Hashable, Sendable {
        public let register: String
        public let field: String
        public let period: String
        public let sum: Int64
    }

    /// The sums of figures over all entries, by period, oldest first.
    public static func sums(_ figures: [(register: String, field: String)], _ tx: Tx) throws -> [FigureSum] {
        guard !figures.isEmpty else { return [] }
        let conditions = figures.map { "(register = \($0.register) AND field = \($0.field))" as SQL }
        return try tx.rows(
            """
            SELECT register, field, period, CAST(SUM(value) AS BIGINT) AS total FROM register_figure
            WHERE \(SQL.join(conditions, separator: " OR ")) GROUP BY register, field, period ORDER BY register, field, period
            """
        ) {
            FigureSum(
                register: try $0["register"], field: try $0["field"], period: try $0["period"], sum: try $0["total"])
        }
    }

    /// The sums of one figure over all entries, by period, oldest first.
    public static func sums(
        _ register: String, _ field: String, _ tx: Tx
    ) throws -> [(period: String, sum: Int64)] {
        try sums([(register: register, field: field)], tx).map { (period: $0.period, sum: $0.sum) }
    }
}
