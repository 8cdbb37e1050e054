import Kernel
import Review
import Store

/// Something that may be inspected.
struct InspectionObject: Sendable, Hashable {
    let id: String
    let number: String
    let title: Bilingual
    let organisation: ID<OrganisationMark>?
    var isDrawn = false
    var check: ID<CaseFile>?
}

extension InspectionObject {
    init(row: Row) throws {
        id = try row["object"]
        number = try row["number"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        organisation = try row["organisation"]
        isDrawn = try row["is_drawn"]
        check = try row["check_case"]
    }
}

/// One draw of an inspection as it is kept.
struct InspectionDraw: Sendable {
    enum Stage: String, Sendable, CaseIterable, SQLConvertible {
        case objects, inspectors

        /// What the events of the draw are about.
        var subject: String { "inspection-\(rawValue)" }

        var title: Bilingual {
            switch self {
            case .objects: Bilingual("检查对象", "Objects")
            case .inspectors: Bilingual("检查人员", "Inspectors")
            }
        }
    }

    let stage: Stage
    let plan: JSONValue
    let commitment: String
    let secret: String
    let seed: String?
    let outcome: JSONValue?

    init(row: Row) throws {
        stage = try row["stage"]
        plan = try row["plan"]
        commitment = try row["commitment"]
        secret = try row["secret"]
        seed = try row["seed"]
        outcome = try row["protocol"]
    }
}

/// Reads and writes inspections and their draws.
enum InspectionStore {
    /// Most objects that one inspection draws from.
    static let largest = 20_000

    /// Everything in a pool, by the name that the plan gives it: `cases.PROCEDURE.STEP`, `register.REGISTER.STATE` or
    /// `organisations`.
    static func pool(_ name: String, _ tx: Tx) throws -> [InspectionObject] {
        let parts = name.split(separator: ".").map(String.init)
        let middle = parts.dropFirst().dropLast().joined(separator: ".")
        switch (parts.first, parts.last) {
        case ("cases", let step?):
            return try tx.rows(
                """
                SELECT id, number, title_zh, title_en, organisation FROM case_file
                WHERE procedure = \(middle) AND step = \(step) ORDER BY id LIMIT \(largest)
                """, found)
        case ("register", let state?):
            return try tx.rows(
                """
                SELECT id, number, name AS title_zh, name AS title_en, organisation FROM register_entry
                WHERE register = \(middle) AND state = \(state) ORDER BY id LIMIT \(largest)
                """, found)
        default:
            return try tx.rows(
                """
                SELECT id, uscc AS number, name_zh AS title_zh, name_en AS title_en, id AS organisation
                FROM organisation ORDER BY id LIMIT \(largest)
                """, found)
        }
    }

    private static func found(_ row: Row) throws -> InspectionObject {
        InspectionObject(
            id: try row["id"], number: try row["number"], title: Bilingual(try row["title_zh"], try row["title_en"]),
            organisation: try row["organisation"])
    }

    /// What an inspection draws from, or what was drawn, by number.
    static func objects(of id: ID<CaseFile>, drawn: Bool? = nil, limit: Int, _ tx: Tx) throws -> [InspectionObject] {
        let condition: SQL = drawn.map { "AND is_drawn = \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM integrity_object WHERE case_id = \(id) \(condition) ORDER BY number, object LIMIT \(limit)",
            InspectionObject.init(row:))
    }

    static func draws(of id: ID<CaseFile>, _ tx: Tx) throws -> [InspectionDraw] {
        try tx.rows(
            "SELECT * FROM integrity_draw WHERE case_id = \(id) ORDER BY stage DESC", InspectionDraw.init(row:))
    }

    static func draw(of id: ID<CaseFile>, _ stage: InspectionDraw.Stage, _ tx: Tx) throws -> InspectionDraw? {
        try tx.first(
            "SELECT * FROM integrity_draw WHERE case_id = \(id) AND stage = \(stage)", InspectionDraw.init(row:))
    }

    static func keep(_ objects: [InspectionObject], of id: ID<CaseFile>, _ tx: Tx) throws {
        for block in stride(from: 0, to: objects.count, by: 100) {
            let rows = objects[block..<min(block + 100, objects.count)].map { item -> SQL in
                "(\(id), \(item.id), \(item.number), \(item.title.zh), \(item.title.en), \(item.organisation), \(false))"
            }
            try tx.run(
                """
                INSERT INTO integrity_object (case_id, object, number, title_zh, title_en, organisation, is_drawn)
                VALUES \(SQL.join(rows, separator: ", "))
                """)
        }
    }

    /// The inspectors who may be drawn: number in the register, name, and credit code or name of the employer.
    static func inspectors(_ tx: Tx) throws -> [(number: String, name: String, uscc: String, employer: String)] {
        try RegisterStore.list("integrity.inspectors", RegisterFilter(state: "active"), limit: 2_000, tx).map { entry in
            let uscc = entry.content["employer-uscc"]?.string ?? ""
            return (entry.number, entry.name, uscc, uscc.isEmpty ? entry.content["employer"]?.string ?? "" : uscc)
        }
    }
}
