public import Kernel
public import Store

/// What is asked for: each kind is one procedure.
public enum FilingKind: String, Codable, Sendable, CaseIterable, SQLConvertible {
    case employer = "talent.employer"
    case newAbroad = "talent.new-abroad"
    case newDomestic = "talent.new-domestic"
    case shortTerm = "talent.short-term"
    case `extension` = "talent.extension"
    case change = "talent.change"
    case cancellation = "talent.cancellation"
    case reissue = "talent.reissue"
    case rVisa = "talent.r-visa"
    case invitation = "talent.invitation"
    case appeal = "talent.appeal"

    /// Prefix of the numbers of its cases.
    var prefix: String {
        switch self {
        case .employer: "WPE"
        case .newAbroad, .newDomestic: "WPN"
        case .shortTerm: "WPS"
        case .extension: "WPX"
        case .change: "WPC"
        case .cancellation: "WPZ"
        case .reissue: "WPR"
        case .rVisa: "WPV"
        case .invitation: "WPI"
        case .appeal: "WPA"
        }
    }

    /// Whether it is about a permit that exists.
    public var needsPermit: Bool { [.extension, .change, .cancellation, .reissue].contains(self) }
    /// Whether only a registered employer may file it.
    public var needsEmployer: Bool { self != .employer && self != .appeal }
    /// Whether it names a foreigner by passport.
    public var namesPerson: Bool { [.newAbroad, .newDomestic, .shortTerm, .rVisa, .invitation].contains(self) }
    /// Whether a category is judged.
    public var isJudged: Bool { [.newAbroad, .newDomestic, .extension, .rVisa].contains(self) }
    /// Those that an employer begins without a permit.
    public static let fresh: [FilingKind] = [.newAbroad, .newDomestic, .shortTerm, .rVisa, .invitation]
}

/// The row beside each case of a permit procedure.
public struct Filing: Codable, Hashable, Sendable {
    public let caseID: ID<CaseFile>
    public let number: String
    public let kind: FilingKind
    public var step: String
    public let organisation: ID<OrganisationMark>
    public let applicant: ID<Account>
    public var foreigner: ID<Foreigner>?
    public var permit: ID<Permit>?
    /// The refused case that an appeal is about.
    public let parent: ID<CaseFile>?
    /// The foreigner's name as far as known, for lists.
    public var name: String
    /// The category that is asked for; empty where none is.
    public var category: String
    public var filedOn: Day?
    public var acceptedOn: Day?
    public var decidedOn: Day?
    public var isDeemedAccepted: Bool
    /// The last day of the permit, for an extension that was asked for in time.
    public var deemAfter: Day?
    public var outcome: String?
    /// SHA-256 over answers and files as submitted.
    public var contentHash: String?

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        kind = try row["procedure"]
        step = try row["step"]
        organisation = try row["organisation"]
        applicant = try row["applicant"]
        foreigner = try row["foreigner"]
        permit = try row["permit"]
        parent = try row["parent"]
        name = try row["name"]
        category = try row["category"]
        filedOn = try row["filed_on"]
        acceptedOn = try row["accepted_on"]
        decidedOn = try row["decided_on"]
        isDeemedAccepted = try row["deemed_accepted"]
        deemAfter = try row["deem_after"]
        outcome = try row["outcome"]
        contentHash = try row["content_hash"]
    }

    /// A filing about to be drafted.
    public init(
        caseID: ID<CaseFile>, number: String, kind: FilingKind, organisation: ID<OrganisationMark>,
        applicant: ID<Account>, permit: Permit? = nil, parent: ID<CaseFile>? = nil, name: String = ""
    ) {
        self.caseID = caseID
        self.number = number
        self.kind = kind
        step = "draft"
        self.organisation = organisation
        self.applicant = applicant
        foreigner = permit?.foreigner
        self.permit = permit?.id
        self.parent = parent
        self.name = name
        category = ""
        isDeemedAccepted = false
    }
}

/// Reads and writes the rows beside the cases.
public enum FilingStore {
    public static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Filing? {
        try tx.first("SELECT * FROM permit_filing WHERE case_id = \(id)", Filing.init(row:))
    }

    /// - Throws: ``PermitError/unknown``.
    public static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> Filing {
        guard let filing = try find(id, tx) else { throw PermitError.unknown }
        return filing
    }

    public static func save(_ item: Filing, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO permit_filing (case_id, number, procedure, step, organisation, applicant, foreigner, permit,
                parent, name, category, filed_on, accepted_on, decided_on, deemed_accepted, deem_after, outcome,
                content_hash)
            VALUES (\(item.caseID), \(item.number), \(item.kind), \(item.step), \(item.organisation),
                \(item.applicant), \(item.foreigner), \(item.permit), \(item.parent), \(item.name), \(item.category),
                \(item.filedOn), \(item.acceptedOn), \(item.decidedOn), \(item.isDeemedAccepted), \(item.deemAfter),
                \(item.outcome), \(item.contentHash))
            ON CONFLICT (case_id) DO UPDATE SET step = excluded.step, foreigner = excluded.foreigner,
                permit = excluded.permit, name = excluded.name, category = excluded.category,
                filed_on = excluded.filed_on, accepted_on = excluded.accepted_on, decided_on = excluded.decided_on,
                deemed_accepted = excluded.deemed_accepted, deem_after = excluded.deem_after,
                outcome = excluded.outcome, content_hash = excluded.content_hash
            """)
    }

    /// Filings of an organisation, newest first, before an identity.
    public static func list(
        of organisations: [ID<OrganisationMark>], before: String?, limit: Int, _ tx: Tx
    ) throws -> [Filing] {
        let edge: SQL = before.map { "case_id < \($0)" } ?? "1 = 1"
        return try tx.rows(
            """
            SELECT * FROM permit_filing WHERE organisation IN \(list: organisations) AND \(edge)
            ORDER BY case_id DESC LIMIT \(limit)
            """, Filing.init(row:))
    }

    /// Filings at a step, newest first, before an identity; for the bureau.
    public static func at(_ step: String?, before: String?, limit: Int, _ tx: Tx) throws -> [Filing] {
        let place: SQL = step.map { "step = \($0)" } ?? "step <> 'draft'"
        let edge: SQL = before.map { "case_id < \($0)" } ?? "1 = 1"
        return try tx.rows(
            "SELECT * FROM permit_filing WHERE \(place) AND \(edge) ORDER BY case_id DESC LIMIT \(limit)",
            Filing.init(row:))
    }

    /// Filings about a permit, newest first.
    public static func about(_ permit: ID<Permit>, _ tx: Tx) throws -> [Filing] {
        try tx.rows(
            "SELECT * FROM permit_filing WHERE permit = \(permit) ORDER BY case_id DESC LIMIT 50", Filing.init(row:))
    }

    /// Extensions asked for in time, with the bureau, whose permit ended before a day.
    static func overdue(on day: Day, limit: Int, _ tx: Tx) throws -> [Filing] {
        try tx.rows(
            """
            SELECT * FROM permit_filing WHERE procedure = 'talent.extension' AND step IN ('pre-review', 'decision')
                AND deem_after < \(day) ORDER BY deem_after, case_id LIMIT \(limit)
            """, Filing.init(row:))
    }
}
