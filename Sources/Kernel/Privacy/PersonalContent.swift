public import Store

/// One personal fact with its source and day: the value is sealed, the record holds a commitment to it.
public struct PersonalContent: Hashable, Sendable {
    public let id: ID<PersonalContent>
    public let person: ID<PersonMark>
    public let kind: String
    /// SHA-256 over a random salt and the value; the salt is sealed with the value, so that after erasure nobody can
    /// guess the value from it.
    public let commitment: String
    public let source: String
    public let from: Day
    /// The last day on which the house needs it; the time of keeping starts there.
    public let neededUntil: Day
    public let caseID: ID<CaseFile>?
    public let recordedAt: Instant
    public let erasedAt: Instant?
    /// Why it was erased: `retention` or the number of a request.
    public let erasedWhy: String?
    let sealed: [UInt8]?

    init(row: Row) throws {
        id = try row["id"]
        person = try row["person"]
        kind = try row["kind"]
        commitment = try row["commitment"]
        source = try row["source"]
        from = try row["from_day"]
        neededUntil = try row["needed_until"]
        caseID = try row["case_id"]
        recordedAt = try row["recorded_at"]
        erasedAt = try row["erased_at"]
        erasedWhy = try row["erased_why"]
        sealed = try row["sealed_value"]
    }

    /// The value.
    /// - Throws: ``PrivacyError/erased``.
    func value(_ vault: Vault) throws -> String {
        guard let sealed else { throw PrivacyError.erased }
        return String(try vault.open(sealed).dropFirst(PersonalContent.saltLength))
    }

    /// What those without a need see; dots alone where no key opens it, so that the rest of a page is shown.
    public func masked(_ vault: Vault) throws -> String {
        guard erasedAt == nil else { return "—" }
        do {
            return PersonalKind.named(kind).masked(try value(vault))
        } catch AccessError.unreadableSecret {
            return "••••"
        }
    }

    /// Whether the sealed value is the one to which the record is committed.
    public func isProven(_ vault: Vault) throws -> Bool {
        guard let sealed else { return false }
        return PersonalContent.commitment(try vault.open(sealed)) == commitment
    }

    static let saltLength = 32
    static func commitment(_ salted: String) -> String { Digest.hex(Digest.sha256(Array(salted.utf8))) }
}

/// A personal fact about to be kept.
public struct PersonalDraft: Sendable {
    public let person: ID<PersonMark>
    public let kind: PersonalKind
    public let value: String
    public let source: String
    public let from: Day
    public let neededUntil: Day
    public let caseID: ID<CaseFile>?

    public init(
        person: ID<PersonMark>, kind: PersonalKind, value: String, source: String, from: Day, neededUntil: Day,
        caseID: ID<CaseFile>? = nil
    ) {
        self.person = person
        self.kind = kind
        self.value = value
        self.source = source
        self.from = from
        self.neededUntil = neededUntil
        self.caseID = caseID
    }
}

/// One look (查看记录) at personal content: who saw what of whom, when and why.
public struct PersonalLook: Hashable, Sendable {
    public let id: String
    public let person: ID<PersonMark>
    public let personName: String
    public let kind: String
    /// The content or file that was seen; empty for an export of everything.
    public let content: String
    public let account: ID<Account>?
    public let accountName: String
    public let reason: String
    public let caseID: ID<CaseFile>?
    public let at: Instant

    init(row: Row) throws {
        id = try row["id"]
        person = try row["person"]
        personName = try row["known_name"] ?? row["person_name"]
        kind = try row["kind"]
        content = try row["content"]
        account = try row["account"]
        accountName = try row["account_name"]
        reason = try row["reason"]
        caseID = try row["case_id"]
        at = try row["at"]
    }
}

extension Personal {
    public static let migrations = Migrations(
        room: "privacy",
        steps: [
            Migration(
                id: "2026-11-25-privacy-content",
                statements: [
                    """
                    CREATE TABLE personal_content (
                        id TEXT PRIMARY KEY, person TEXT NOT NULL, kind TEXT NOT NULL, sealed_value \(SQL.blob),
                        mark TEXT, commitment TEXT NOT NULL, source TEXT NOT NULL, from_day TEXT NOT NULL,
                        needed_until TEXT NOT NULL, case_id TEXT, recorded_by TEXT NOT NULL,
                        recorded_at BIGINT NOT NULL, erased_at BIGINT, erased_why TEXT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX personal_content_person ON personal_content (person, kind, from_day, id)",
                    "CREATE INDEX personal_content_mark ON personal_content (mark)",
                    """
                    CREATE INDEX personal_content_needed ON personal_content (kind, needed_until, id)
                    WHERE erased_at IS NULL
                    """,
                    """
                    CREATE TABLE personal_look (
                        id TEXT PRIMARY KEY, person TEXT NOT NULL, person_name TEXT NOT NULL, kind TEXT NOT NULL,
                        content TEXT NOT NULL, account TEXT, account_name TEXT NOT NULL, reason TEXT NOT NULL,
                        case_id TEXT, at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX personal_look_person ON personal_look (person, id)",
                    "CREATE INDEX personal_look_account ON personal_look (account, id)",
                    """
                    CREATE TABLE erasure_request (
                        case_id TEXT PRIMARY KEY, person TEXT NOT NULL, kinds TEXT NOT NULL, state TEXT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX erasure_request_person ON erasure_request (person, state)",
                ] + SQL.appendOnly("personal_look")),
            // No table changes: a version that does not know sealed addresses and telephones starts no more.
            Migration(id: "2026-11-28-privacy-sealed-texts", statements: []),
        ])
}
