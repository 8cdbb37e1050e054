public import Kernel
public import Store

/// A technology contract: filed or registered here, or registered elsewhere and known from its registrar.
public struct Contract: Hashable, Sendable {
    public enum State: String, CaseIterable, Sendable, SQLConvertible {
        case filed, registered, refused, withdrawn, cancelled, outside

        /// As lists and the public check show it.
        public var title: Bilingual {
            switch self {
            case .filed: Bilingual("办理中", "Filed")
            case .registered: Bilingual("已登记", "Registered")
            case .refused: Bilingual("未予登记", "Not registered")
            case .withdrawn: Bilingual("已撤回", "Withdrawn")
            case .cancelled: Bilingual("已注销", "Cancelled")
            case .outside: Bilingual("其他机构登记", "Registered elsewhere")
            }
        }
    }

    public let id: String
    public let caseID: ID<CaseFile>?
    public var number: String?
    public var registrar: String
    public let organisation: ID<OrganisationMark>?
    public var state: State
    public var name: String
    public var kind: ContractKind
    public var field: String
    public var seller: String
    public var buyer: String
    public var total: Money
    public var technical: Money
    public var income: Money
    public var signedOn: Day
    public var registeredOn: Day?
    public var checkCode: String?
    /// Everything that was filled in, for the national list.
    public var content: JSONValue
    public let createdAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        number = try row["number"]
        registrar = try row["registrar"]
        organisation = try row["organisation"]
        state = try row["state"]
        name = try row["name"]
        kind = ContractKind(rawValue: try row["kind"]) ?? .other
        field = try row["field"]
        seller = try row["seller"]
        buyer = try row["buyer"]
        total = try row["total_fen"]
        technical = try row["technical_fen"]
        income = try row["income_fen"]
        signedOn = try row["signed_on"]
        registeredOn = try row["registered_on"]
        checkCode = try row["check_code"]
        content = try row["content"]
        createdAt = try row["created_at"]
    }

    /// A contract about to be kept, out of what was filled in.
    init(
        id: String, caseID: ID<CaseFile>?, organisation: ID<OrganisationMark>?, state: State, _ content: JSONValue,
        at now: Instant
    ) {
        self.id = id
        self.caseID = caseID
        self.organisation = organisation
        self.state = state
        self.content = content
        createdAt = now
        (number, registeredOn, checkCode) = (nil, nil, nil)
        registrar = content["registrar"]?.string ?? ""
        name = content["name"]?.string ?? ""
        kind = ContractKind(form: content["kind"]?.string)
        field = content["field"]?.string ?? ""
        seller = content["seller"]?.string ?? ""
        buyer = content["buyer"]?.string ?? ""
        total = Money(fen: content["total"]?.integer ?? 0)
        technical = Money(fen: content["technical"]?.integer ?? 0)
        income = Money(fen: content["income"]?.integer ?? 0)
        signedOn = content["signed-on"]?.string.flatMap { Day($0) } ?? Day(number: 0)
    }

    /// The marks by which it is found again.
    public var marks: ContractMarks { ContractMarks(seller: seller, buyer: buyer, subject: name, total: total) }
}

extension ContractKind {
    /// The kind of a form's finer choice such as `development-joint`; special kinds of service count as services.
    init(form value: String?) {
        let head = (value ?? "").split(separator: "-").first.map(String.init) ?? ""
        switch head {
        case "brokerage", "training": self = .service
        default: self = ContractKind(rawValue: head) ?? .other
        }
    }
}

/// Reads and writes contracts.
enum ContractStore {
    static func find(case id: ID<CaseFile>, _ tx: Tx) throws -> Contract? {
        try tx.first("SELECT * FROM transfer_contract WHERE case_id = \(id)", Contract.init(row:))
    }

    /// The contract with a check code, however it was typed.
    static func find(checkCode typed: String, _ tx: Tx) throws -> Contract? {
        guard let code = Letters.normalCheckCode(typed) else { return nil }
        return try tx.first("SELECT * FROM transfer_contract WHERE check_code = \(code)", Contract.init(row:))
    }

    /// The contract that an entry of the register of contracts stands for.
    static func find(entry number: String, _ tx: Tx) throws -> Contract? {
        guard let entry = try RegisterStore.find("transfer.contracts", number, tx), let made = entry.caseID else {
            return nil
        }
        return try find(case: made, tx)
    }

    /// Keeps a contract, or what changed of it.
    static func save(_ item: Contract, _ tx: Tx) throws {
        let marks = item.marks
        try tx.run(
            """
            INSERT INTO transfer_contract (id, case_id, number, registrar, organisation, state, name, kind, field,
                seller, buyer, total_fen, technical_fen, income_fen, signed_on, registered_on, check_code, print_whole,
                print_amount, print_subject, content, created_at)
            VALUES (\(item.id), \(item.caseID), \(item.number), \(item.registrar), \(item.organisation), \(item.state),
                \(item.name), \(item.kind.rawValue), \(item.field), \(item.seller), \(item.buyer), \(item.total),
                \(item.technical), \(item.income), \(item.signedOn), \(item.registeredOn), \(item.checkCode),
                \(marks.whole), \(marks.amount), \(marks.subject), \(item.content), \(item.createdAt))
            ON CONFLICT (id) DO UPDATE SET number = excluded.number, registrar = excluded.registrar,
                state = excluded.state, name = excluded.name, kind = excluded.kind, field = excluded.field,
                seller = excluded.seller, buyer = excluded.buyer, total_fen = excluded.total_fen,
                technical_fen = excluded.technical_fen, income_fen = excluded.income_fen,
                signed_on = excluded.signed_on, registered_on = excluded.registered_on,
                check_code = excluded.check_code, print_whole = excluded.print_whole,
                print_amount = excluded.print_amount, print_subject = excluded.print_subject,
                content = excluded.content
            """)
    }

    /// Contracts that run or are registered anywhere and look like one, but for itself: first those that are the same.
    static func alike(_ marks: ContractMarks, except id: String?, _ tx: Tx) throws -> [(likeness: Likeness, Contract)] {
        func look(_ likeness: Likeness, _ condition: SQL) throws -> [(likeness: Likeness, Contract)] {
            try tx.rows(
                """
                SELECT * FROM transfer_contract WHERE \(condition) AND id <> \(id ?? "")
                    AND state IN ('filed', 'registered', 'outside')
                ORDER BY id LIMIT 20
                """
            ) { (likeness: likeness, try Contract(row: $0)) }
        }
        let same = try look(.same, "print_whole = \(marks.whole)")
        let amount = try look(.sameAmount, "print_amount = \(marks.amount) AND print_whole <> \(marks.whole)")
        let subject = try look(.sameSubject, "print_subject = \(marks.subject) AND print_whole <> \(marks.whole)")
        return same + amount + subject
    }

    /// Which contracts a list shows.
    struct Filter: Hashable, Sendable {
        var state: Contract.State?
        var kind: ContractKind?
        var field: String?
        var registrar: String?
        var from: Day?
        var to: Day?

        var conditions: SQL {
            var parts: [SQL] = ["1 = 1"]
            if let state { parts.append("state = \(state)") }
            if let kind { parts.append("kind = \(kind.rawValue)") }
            if let field { parts.append("field = \(field)") }
            if let registrar { parts.append("registrar = \(registrar)") }
            if let from { parts.append("registered_on >= \(from)") }
            if let to { parts.append("registered_on <= \(to)") }
            return SQL.join(parts, separator: " AND ")
        }
    }

    /// A page, newest first, before an identity.
    static func list(_ filter: Filter, before: String?, limit: Int, _ tx: Tx) throws -> [Contract] {
        let edge: SQL = before.map { "id < \($0)" } ?? "1 = 1"
        return try tx.rows(
            """
            SELECT * FROM transfer_contract WHERE \(filter.conditions) AND \(edge) ORDER BY id DESC LIMIT \(limit)
            """, Contract.init(row:))
    }

    /// One line of the statistics.
    struct Sum: Hashable, Sendable {
        let month: String
        let kind: ContractKind
        let field: String
        let count: Int
        let total: Money
        let technical: Money
    }

    /// Registered contracts by month, kind and field.
    static func sums(from: Day, to: Day, _ tx: Tx) throws -> [Sum] {
        try tx.rows(
            """
            SELECT SUBSTR(registered_on, 1, 7) AS month, kind, field, COUNT(*) AS count,
                CAST(SUM(total_fen) AS BIGINT) AS total, CAST(SUM(technical_fen) AS BIGINT) AS technical
            FROM transfer_contract
            WHERE registered_on >= \(from) AND registered_on <= \(to) AND state = 'registered'
            GROUP BY SUBSTR(registered_on, 1, 7), kind, field ORDER BY month, kind, field
            """
        ) { row in
            Sum(
                month: try row["month"], kind: ContractKind(rawValue: try row["kind"]) ?? .other,
                field: try row["field"], count: try row["count"], total: Money(fen: try row["total"]),
                technical: Money(fen: try row["technical"]))
        }
    }

    /// Groups of contracts that are the same at several registrars or twice at one.
    static func doubles(limit: Int, _ tx: Tx) throws -> [Contract] {
        try tx.rows(
            """
            SELECT * FROM transfer_contract WHERE state IN ('filed', 'registered', 'outside') AND print_whole IN (
                SELECT print_whole FROM transfer_contract WHERE state IN ('filed', 'registered', 'outside')
                GROUP BY print_whole HAVING COUNT(*) > 1)
            ORDER BY print_whole, id LIMIT \(limit)
            """, Contract.init(row:))
    }
}
