import Kernel
import Store

/// A work permit as the boards show it.
struct BoardPermit: Hashable, Sendable {
    let id: String
    let foreigner: String
    let name: String
    let nationality: String
    let organisation: ID<OrganisationMark>
    let employer: Bilingual
    let term: Permit.Term
    let category: String
    let post: String
    let trade: String
    let district: String
    let startsOn: Day
    let endsOn: Day
    let state: String

    init(row: Row) throws {
        id = try row["id"]
        foreigner = try row["foreigner"]
        name = try row["name"]
        nationality = try row["nationality"]
        organisation = try row["organisation"]
        employer = Bilingual(try row["employer_zh"] ?? "", try row["employer_en"] ?? "")
        term = try row["term"]
        category = try row["category"]
        post = try row["post"]
        trade = try row["trade"]
        district = try row["district"]
        startsOn = try row["starts_on"]
        endsOn = try row["ends_on"]
        state = try row["state"]
    }

    var stateTitle: Bilingual {
        switch state {
        case "valid": Bilingual("有效", "Valid")
        case "expired": Bilingual("已到期", "Expired")
        case "cancelled": Bilingual("已注销", "Cancelled")
        default: Bilingual(state, state)
        }
    }
}

/// How many permits end in a month, by category.
struct MonthCount: Hashable, Sendable {
    /// `2026-03`
    let month: String
    var byCategory: [String: Int] = [:]
    var total: Int { byCategory.values.reduce(0, +) }
}

/// How many valid permits there are of each kind, counted together.
struct PermitCensus: Hashable, Sendable {
    struct Cell: Hashable, Sendable {
        let nationality: String
        let category: String
        let trade: String
        let district: String
        let count: Int
    }

    let cells: [Cell]

    /// Sums by one feature, largest first.
    func sums(by feature: (Cell) -> String) -> [(key: String, count: Int)] {
        var sums: [String: Int] = [:]
        for cell in cells { sums[feature(cell), default: 0] += cell.count }
        return sums.map { (key: $0.key, count: $0.value) }.sorted { ($1.count, $0.key) < ($0.count, $1.key) }
    }

    var total: Int { cells.reduce(0) { $0 + $1.count } }
}

/// What the boards read of the work permits.
enum BoardStore {
    private static let columns: SQL = """
        p.*, f.name, o.name_zh AS employer_zh, o.name_en AS employer_en FROM permit p
        JOIN foreigner f ON f.id = p.foreigner LEFT JOIN organisation o ON o.id = p.organisation
        """

    /// All permits of a person, newest end first.
    static func permits(of foreigner: String, _ tx: Tx) throws -> [BoardPermit] {
        try tx.rows(
            "SELECT \(columns) WHERE p.foreigner = \(foreigner) ORDER BY p.ends_on DESC, p.id LIMIT 50",
            BoardPermit.init(row:))
    }

    /// The person with a permit number.
    static func foreigner(number: String, _ tx: Tx) throws -> String? {
        try tx.first("SELECT id FROM foreigner WHERE number = \(number)") { try $0["id"] }
    }

    /// Valid permits that end in a stretch of days, soonest first, after a permit; of one employer where given.
    static func ending(
        from: Day, through: Day, organisation: ID<OrganisationMark>? = nil, category: String? = nil,
        after: (Day, String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [BoardPermit] {
        var conditions: [SQL] = ["p.state = 'valid'", "p.ends_on >= \(from)", "p.ends_on <= \(through)"]
        if let organisation { conditions.append("p.organisation = \(organisation)") }
        if let category { conditions.append("p.category = \(category)") }
        if let after { conditions.append("(p.ends_on, p.id) > (\(after.0), \(after.1))") }
        return try tx.rows(
            """
            SELECT \(columns) WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY p.ends_on, p.id
            LIMIT \(limit)
            """, BoardPermit.init(row:))
    }

    /// How many valid permits end in a stretch of days.
    static func endingCount(from: Day, through: Day, _ tx: Tx) throws -> Int {
        try tx.value(
            "SELECT COUNT(*) FROM permit WHERE state = 'valid' AND ends_on >= \(from) AND ends_on <= \(through)") ?? 0
    }

    /// How many valid permits end in each of the months from a day on, months without any included.
    static func months(
        from day: Day, count: Int, organisation: ID<OrganisationMark>? = nil, _ tx: Tx
    ) throws -> [MonthCount] {
        let end = day.adding(months: count)
        let place: SQL = organisation.map { "AND organisation = \($0)" } ?? ""
        let rows = try tx.rows(
            """
            SELECT substr(ends_on, 1, 7) AS month, category, COUNT(*) AS number FROM permit
            WHERE state = 'valid' AND ends_on >= \(day) AND ends_on < \(end) \(place)
            GROUP BY substr(ends_on, 1, 7), category
            """, counted)
        return filled(rows, from: day, count: count)
    }

    /// Counts by month and category as months in order, those without any included.
    private static func filled(
        _ rows: [(month: String, category: String, number: Int)], from day: Day, count: Int
    ) -> [MonthCount] {
        let (year, month, _) = day.parts
        return (0..<count).map { index in
            let place = year * 12 + month - 1 + index
            var entry = MonthCount(month: "\(place / 12)-\(padded(place % 12 + 1, 2))")
            for row in rows where row.month == entry.month { entry.byCategory[row.category] = row.number }
            return entry
        }
    }

    private static func counted(_ row: Row) throws -> (month: String, category: String, number: Int) {
        (try row["month"], try row["category"], try row["number"])
    }

    /// Counts of valid permits by country, category, trade and district, in one query.
    static func census(_ tx: Tx) throws -> PermitCensus {
        PermitCensus(
            cells: try tx.rows(
                """
                SELECT nationality, category, trade, district, COUNT(*) AS number FROM permit WHERE state = 'valid'
                GROUP BY nationality, category, trade, district
                """
            ) { row in
                PermitCensus.Cell(
                    nationality: try row["nationality"], category: try row["category"], trade: try row["trade"],
                    district: try row["district"], count: try row["number"])
            })
    }

    /// Permits of category C that were granted to begin in a year: what is used of the year's places.
    static func usedPlaces(year: Int, _ tx: Tx) throws -> Int {
        try tx.value(
            """
            SELECT COUNT(*) FROM permit WHERE category = 'C' AND starts_on >= \("\(year)-01-01")
            AND starts_on <= \("\(year)-12-31")
            """) ?? 0
    }

    /// How many permits began in each of the months up to a day, that of the day included; for the trend.
    static func begun(through day: Day, count: Int, _ tx: Tx) throws -> [MonthCount] {
        let first = day.adding(months: 1 - count)
        let start = first.adding(days: 1 - first.parts.day)
        let rows = try tx.rows(
            """
            SELECT substr(starts_on, 1, 7) AS month, category, COUNT(*) AS number FROM permit
            WHERE starts_on >= \(start) AND starts_on <= \(day) GROUP BY substr(starts_on, 1, 7), category
            """, counted)
        return filled(rows, from: start, count: count)
    }

    /// How many requests, complaints and notices are open and done, by kind.
    static func cases(_ tx: Tx) throws -> [(kind: ExpertCase.Kind, state: String, count: Int)] {
        try tx.rows("SELECT kind, state, COUNT(*) AS number FROM expert_case GROUP BY kind, state") {
            (try $0["kind"], try $0["state"], try $0["number"])
        }
    }
}
