public import Kernel
public import Store

/// An organisation that is registered to employ foreigners.
public struct Employer: Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible { case active, suspended }

    public let organisation: ID<OrganisationMark>
    public let caseID: ID<CaseFile>
    public let state: State
    /// Section of GB/T 4754, one letter.
    public let trade: String
    public let district: String
    public let contact: String
    public let telephone: SealedText
    public let registeredOn: Day

    public init(
        organisation: ID<OrganisationMark>, caseID: ID<CaseFile>, state: State, trade: String, district: String,
        contact: String, telephone: SealedText, registeredOn: Day
    ) {
        self.organisation = organisation
        self.caseID = caseID
        self.state = state
        self.trade = trade
        self.district = district
        self.contact = contact
        self.telephone = telephone
        self.registeredOn = registeredOn
    }

    init(row: Row) throws {
        organisation = try row["organisation"]
        caseID = try row["case_id"]
        state = try row["state"]
        trade = try row["trade"]
        district = try row["district"]
        contact = try row["contact"]
        telephone = try row["telephone"]
        registeredOn = try row["registered_on"]
    }
}

/// Reads and writes employers.
public enum EmployerStore {
    /// The telephones, which are needed for as long as the registrations.
    public static let sealed = SealedColumn(
        table: "employer", key: "organisation", column: "telephone", storage: .text)

    public static func find(_ organisation: ID<OrganisationMark>, _ tx: Tx) throws -> Employer? {
        try tx.first("SELECT * FROM employer WHERE organisation = \(organisation)", Employer.init(row:))
    }

    public static func save(_ employer: Employer, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO employer (organisation, case_id, state, trade, district, contact, telephone, registered_on)
            VALUES (\(employer.organisation), \(employer.caseID), \(employer.state), \(employer.trade),
                \(employer.district), \(employer.contact), \(employer.telephone), \(employer.registeredOn))
            ON CONFLICT (organisation) DO UPDATE SET case_id = excluded.case_id, state = excluded.state,
                trade = excluded.trade, district = excluded.district, contact = excluded.contact,
                telephone = excluded.telephone
            """)
    }
}
