public import Kernel
public import Store

/// Class of a work permit as it is granted: A, B or C.
public enum PermitClass: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible, Comparable {
    case a = "A"
    case b = "B"
    case c = "C"

    /// A before B before C.
    public static func < (left: PermitClass, right: PermitClass) -> Bool { left.rawValue < right.rawValue }

    public var title: Bilingual { Bilingual("\(rawValue) 类", "Category \(rawValue)") }
}

/// A work permit (外国人工作许可): digital, with a check code; no card is issued since 2024-12-01.
public struct Permit: Codable, Hashable, Sendable {
    public enum Term: String, Codable, Sendable, CaseIterable, SQLConvertible { case long, short }
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case valid, expired, cancelled

        public var title: Bilingual {
            switch self {
            case .valid: Bilingual("有效", "Valid")
            case .expired: Bilingual("到期自动注销", "Ended")
            case .cancelled: Bilingual("已注销", "Cancelled")
            }
        }
    }
    /// How its present end was reached: by a decision, or for want of one (行政许可法 50).
    public enum Basis: String, Codable, Sendable, SQLConvertible { case decision, deemed }

    public let id: ID<Permit>
    public let foreigner: ID<Foreigner>
    public let organisation: ID<OrganisationMark>
    /// The case that granted it.
    public let caseID: ID<CaseFile>
    public let term: Term
    public var category: PermitClass
    public var route: String
    public var post: String
    public let district: String
    public let trade: String
    /// Two letters of ISO 3166.
    public let nationality: String
    /// Salary a year.
    public let salary: Money
    public let startsOn: Day
    /// The last day, included.
    public var endsOn: Day
    public var state: State
    public var basis: Basis
    public var checkCode: String
    public let issuedAt: Instant
    public var closedOn: Day?
    public var closedFor: String?

    init(row: Row) throws {
        id = try row["id"]
        foreigner = try row["foreigner"]
        organisation = try row["organisation"]
        caseID = try row["case_id"]
        term = try row["term"]
        category = try row["category"]
        route = try row["route"]
        post = try row["post"]
        district = try row["district"]
        trade = try row["trade"]
        nationality = try row["nationality"]
        salary = Money(fen: try row["salary_fen"])
        startsOn = try row["starts_on"]
        endsOn = try row["ends_on"]
        state = try row["state"]
        basis = try row["basis"]
        checkCode = try row["check_code"]
        issuedAt = try row["issued_at"]
        closedOn = try row["closed_on"]
        closedFor = try row["closed_for"]
    }

    public init(
        id: ID<Permit>, foreigner: Foreigner, organisation: ID<OrganisationMark>, caseID: ID<CaseFile>, term: Term,
        category: PermitClass, route: String, post: String, district: String, trade: String, salary: Money,
        startsOn: Day, endsOn: Day, checkCode: String, issuedAt: Instant
    ) {
        self.id = id
        self.foreigner = foreigner.id
        self.organisation = organisation
        self.caseID = caseID
        self.term = term
        self.category = category
        self.route = route
        self.post = post
        self.district = district
        self.trade = trade
        nationality = foreigner.nationality
        self.salary = salary
        self.startsOn = startsOn
        self.endsOn = endsOn
        state = .valid
        basis = .decision
        self.checkCode = checkCode
        self.issuedAt = issuedAt
    }
}

/// One thing that happened to a permit.
public struct PermitEntry: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case granted, extended, deemed, changed, reissued, cancelled, expired

        public var title: Bilingual {
            switch self {
            case .granted: Bilingual("准予许可", "Granted")
            case .extended: Bilingual("准予延期", "Extended")
            case .deemed: Bilingual("视为准予延续", "Deemed extended")
            case .changed: Bilingual("变更", "Changed")
            case .reissued: Bilingual("补发", "Reissued")
            case .cancelled: Bilingual("注销", "Cancelled")
            case .expired: Bilingual("到期自动注销", "Ended by itself")
            }
        }
    }

    public let kind: Kind
    public let on: Day
    public let caseID: ID<CaseFile>?
    public let content: JSONValue

    init(row: Row) throws {
        kind = try row["kind"]
        on = try row["on_day"]
        caseID = try row["case_id"]
        content = try row["content"]
    }
}
