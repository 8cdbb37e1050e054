public import Kernel
public import Store

/// Somebody asks to come into the pool, or to be changed in it; an officer decides.
public struct ExpertRequest: Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
        case waiting, withdrawn, admitted, refused

        public var title: Bilingual {
            switch self {
            case .waiting: Bilingual("待审核", "To be decided")
            case .withdrawn: Bilingual("已撤回", "Withdrawn")
            case .admitted: Bilingual("已入库", "Admitted")
            case .refused: Bilingual("未通过", "Refused")
            }
        }
    }

    public let id: ID<ExpertRequest>
    public let account: ID<Account>
    public let state: State
    public let entry: ExpertEntry
    public let askedAt: Instant
    /// Empty until an officer refuses.
    public let reason: String

    init(row: Row) throws {
        id = try row["id"]
        account = try row["account"]
        state = try row["state"]
        entry = try ExpertEntry(row: row)
        askedAt = try row["asked_at"]
        reason = try row["reason"] ?? ""
    }

    /// What an account asked last and did not withdraw.
    public static func last(of account: ID<Account>, _ tx: Tx) throws -> ExpertRequest? {
        try tx.first(
            """
            SELECT * FROM expert_request WHERE account = \(account) AND state <> 'withdrawn' ORDER BY id DESC LIMIT 1
            """, ExpertRequest.init(row:))
    }

    static func find(_ id: ID<ExpertRequest>, _ tx: Tx) throws -> ExpertRequest? {
        try tx.first("SELECT * FROM expert_request WHERE id = \(id)", ExpertRequest.init(row:))
    }
}

/// What a person says of himself or herself to be in the pool, as typed, by the columns of ``PoolImport/table``.
public struct ExpertEntry: Hashable, Sendable {
    public var title = ""
    /// The credit code of the employer.
    public var employer = ""
    /// Codes of disciplines.
    public var fields: [String] = []
    public var keywords = ""
    /// The most applications in a round; empty for as many as the round allows.
    public var load = ""
    /// Codes of languages, of which a person names at least one.
    public var languages = [ReviewLanguage.chinese.rawValue]

    public init() {}

    init(row: Row) throws {
        title = try row["title"]
        employer = try row["employer"]
        fields = Keywords.list(try row["fields"])
        keywords = try row["keywords"]
        load = try row["most"]
        languages = Keywords.list(try row["languages"])
    }

    /// A row such as a file of experts has.
    func row(_ login: String) -> FilledTable.Row {
        FilledTable.Row(
            number: 1,
            cells: [
                "login": login, "title": title, "employer": employer, "fields": fields.joined(separator: ";"),
                "keywords": keywords, "load": load, "languages": languages.joined(separator: ";"),
            ])
    }

    /// What a file may leave out and a person may not.
    var missing: [FieldProblem] { languages.isEmpty ? [ReviewLanguage.problem] : [] }

    /// What the pool holds of an expert, to be confirmed or changed.
    public static func held(of expert: Expert, _ tx: Tx) throws -> ExpertEntry {
        var entry = ExpertEntry()
        entry.title = expert.title
        entry.employer = try Registry.organisations([expert.organisation], tx)[expert.organisation]?.uscc ?? ""
        entry.fields = try ExpertStore.fields(of: expert.id, tx)
        entry.keywords = try ExpertTexts.find(expert.id, tx).keywords.joined(separator: "；")
        entry.load = expert.maxLoad.map(String.init) ?? ""
        entry.languages = expert.languages.map(\.rawValue)
        return entry
    }
}

/// A request that waits, as an officer sees it.
public struct WaitingExpert: Sendable {
    public let request: ExpertRequest
    public let login: String
    public let name: String
    /// Of the employer that is asked for; nil where it left the register.
    public let employer: Bilingual?
    /// What the pool holds; nil for who is not in it.
    public let held: Expert?

    /// What waits to be decided, the oldest first: three queries.
    /// - Parameter after: the last one of the page before.
    public static func list(after: ID<ExpertRequest>? = nil, limit: Int, _ tx: Tx) throws -> [WaitingExpert] {
        let later: SQL = after.map { "AND r.id > \($0)" } ?? ""
        let found = try tx.rows(
            """
            SELECT r.*, a.login, a.name, o.name_zh, o.name_en FROM expert_request r JOIN account a ON a.id = r.account
            LEFT JOIN organisation o ON o.uscc = r.employer
            WHERE r.state = 'waiting' \(later) ORDER BY r.id LIMIT \(limit)
            """
        ) { row -> WaitingExpert in
            let names: (String?, String?) = (try row["name_zh"], try row["name_en"])
            return WaitingExpert(
                request: try ExpertRequest(row: row), login: try row["login"], name: try row["name"],
                employer: names.0.map { Bilingual($0, names.1 ?? "") }, held: nil)
        }
        let held = Dictionary(
            try ExpertStore.find(accounts: found.map(\.request.account), tx).map { ($0.account, $0) },
            uniquingKeysWith: { first, _ in first })
        return found.map { one in
            WaitingExpert(
                request: one.request, login: one.login, name: one.name, employer: one.employer,
                held: held[one.request.account])
        }
    }
}
