import Kernel
import Store

/// How well a programme or a project reached its goals in a year, as confirmed.
struct PerformanceResult: Hashable, Sendable {
    let caseID: ID<CaseFile>
    let number: String
    /// Code of the programme.
    let programme: String
    let year: Int
    /// Number of the project; nil where the result is that of the programme.
    let project: String?
    /// In hundredths of a point, of 100 points.
    let score: Int
    /// ``PerformanceGrade`` as kept.
    let code: String
    let confirmedOn: Day

    var grade: Bilingual { PerformanceGrade(rawValue: code)?.title ?? Bilingual(code, code) }
    var scoreText: String { "\(score / 100).\(padded(score % 100, 2))" }

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        programme = try row["programme"]
        year = try row["year"]
        project = try row["project"]
        score = try row["score"]
        code = try row["grade"]
        confirmedOn = try row["confirmed_on"]
    }

    init(
        caseID: ID<CaseFile>, number: String, programme: String, year: Int, project: String?, score: Int,
        grade: PerformanceGrade, confirmedOn: Day
    ) {
        self.caseID = caseID
        self.number = number
        self.programme = programme
        self.year = year
        self.project = project
        self.score = score
        code = grade.rawValue
        self.confirmedOn = confirmedOn
    }
}

/// What a score is called; its bands are the city's.
enum PerformanceGrade: String, CaseIterable, Sendable {
    case poor, fair, good, excellent

    /// What the bands of the parameter give for it.
    var number: Int64 {
        switch self {
        case .poor: 1
        case .fair: 2
        case .good: 3
        case .excellent: 4
        }
    }

    var title: Bilingual {
        switch self {
        case .poor: Bilingual("差", "Poor")
        case .fair: Bilingual("中", "Fair")
        case .good: Bilingual("良", "Good")
        case .excellent: Bilingual("优", "Excellent")
        }
    }
}

/// Reads and writes confirmed results.
enum PerformanceStore {
    static let migrations = Migrations(
        room: "funding-performance",
        steps: [
            Migration(
                id: "2026-11-26-funding-performance",
                statements: [
                    """
                    CREATE TABLE performance_result (
                        case_id TEXT PRIMARY KEY, number TEXT NOT NULL, programme TEXT NOT NULL, year BIGINT NOT NULL,
                        project TEXT, score BIGINT NOT NULL, grade TEXT NOT NULL, confirmed_on TEXT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX performance_result_year ON performance_result (year, programme, case_id)",
                ])
        ])

    static func save(_ result: PerformanceResult, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO performance_result (case_id, number, programme, year, project, score, grade, confirmed_on)
            VALUES (\(result.caseID), \(result.number), \(result.programme), \(result.year), \(result.project),
                \(result.score), \(result.code), \(result.confirmedOn))
            ON CONFLICT (case_id) DO UPDATE SET score = excluded.score, grade = excluded.grade,
                confirmed_on = excluded.confirmed_on
            """)
    }

    /// The newest result of each programme of a year before one, by code.
    static func newest(before year: Int, _ tx: Tx) throws -> [String: PerformanceResult] {
        let results = try tx.rows(
            """
            SELECT * FROM performance_result WHERE year < \(year) AND year >= \(year - 5) AND project IS NULL
            ORDER BY year, confirmed_on, case_id
            """, PerformanceResult.init(row:))
        return Dictionary(results.map { ($0.programme, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// Results of a year, programmes before their projects.
    static func list(year: Int, _ tx: Tx) throws -> [PerformanceResult] {
        try tx.rows(
            """
            SELECT * FROM performance_result WHERE year = \(year)
            ORDER BY programme, CASE WHEN project IS NULL THEN 0 ELSE 1 END, case_id
            """, PerformanceResult.init(row:))
    }

    /// Years of which there are results, newest first.
    static func years(_ tx: Tx) throws -> [Int] {
        try tx.rows("SELECT DISTINCT year FROM performance_result ORDER BY year DESC LIMIT 20") {
            try $0["year"] as Int
        }
    }
}
