public import Kernel
public import Store

/// A file of open data, as it was on the day after which it was made. It is written anew from what was published,
/// which never changes, so that its hash stays true.
public struct OpenPackage: Codable, Hashable, Sendable {
    /// What a package holds.
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// All grants as they stood.
        case giving = "360giving"
        /// The releases of the days since the package before.
        case releases = "ocds-releases"
        /// Every contracting process with its releases compiled.
        case records = "ocds-records"

        var title: Bilingual {
            switch self {
            case .giving: Bilingual("全部资助（360Giving 1.4）", "All grants (360Giving 1.4)")
            case .releases: Bilingual("新发布的变动（OCDS 1.1 releases）", "What is new (OCDS 1.1 releases)")
            case .records: Bilingual("全部过程汇总（OCDS 1.1 records）", "Every process compiled (OCDS 1.1 records)")
            }
        }
    }

    public let day: Day
    public let kind: Kind
    public let items: Int
    public let bytes: Int
    /// Of the whole file, in hexadecimal text.
    public let sha256: String
    let madeAt: Instant

    var name: String { "\(kind.rawValue)-\(day).json" }

    init(row: Row) throws {
        day = try row["day"]
        kind = try row["kind"]
        items = try row["items"]
        bytes = try row["bytes"]
        sha256 = try row["sha256"]
        madeAt = try row["made_at"]
    }

    static func find(_ kind: Kind, _ day: Day, _ tx: Tx) throws -> OpenPackage? {
        try tx.first("SELECT * FROM open_package WHERE day = \(day) AND kind = \(kind)", OpenPackage.init(row:))
    }

    /// The newest package of a kind.
    static func newest(_ kind: Kind, _ tx: Tx) throws -> OpenPackage? {
        try tx.first(
            "SELECT * FROM open_package WHERE kind = \(kind) ORDER BY day DESC LIMIT 1", OpenPackage.init(row:))
    }

    /// Packages, newest first, before a day and kind.
    static func list(before cursor: (day: Day, kind: String)?, limit: Int, _ tx: Tx) throws -> [OpenPackage] {
        let edge: SQL = cursor.map { "WHERE (day, kind) < (\($0.day), \($0.kind))" } ?? ""
        return try tx.rows(
            "SELECT * FROM open_package \(edge) ORDER BY day DESC, kind DESC LIMIT \(limit)", OpenPackage.init(row:))
    }
}

/// Writes packages item by item, in a memory that does not grow with them.
struct OpenPackageWriter: Sendable {
    let db: Database
    let words: OpenWords

    typealias Sink = ([UInt8]) async throws -> Void

    /// - Returns: how many items there are.
    @discardableResult
    func write(_ kind: OpenPackage.Kind, through day: Day, _ sink: Sink) async throws -> Int {
        let name = "\(kind.rawValue)-\(day).json"
        let head: [String: JSONValue]
        let list: String
        switch kind {
        case .giving:
            list = "grants"
            head = [
                "version": "1.4", "identifier": .string(name), "issued": .string(day.description),
                "title": .string("\(words.bureau.zh) 资助 / \(words.bureau.en), grants"),
                "license": .string(OpenWords.licence),
                "publisher": ["name": .string(words.bureau.zh), "identifier": .string(words.funder)],
                "downloadURL": .string(words.address("/open-data/\(name)")),
                "accessURL": .string(words.address("/open-data")),
            ]
        case .releases, .records:
            list = kind == .releases ? "releases" : "records"
            head = [
                "uri": .string(words.address("/open-data/\(name)")), "version": "1.1",
                "publishedDate": words.moment(day.adding(days: 1)), "license": .string(OpenWords.licence),
                "publicationPolicy": .string(words.address("/open-data")),
                "publisher": ["name": .string(words.bureau.zh)],
            ]
        }
        let opening = JSONValue.object(head).canonicalText.dropLast()
        try await sink(Array("\(opening),\"\(list)\":[\n".utf8))
        var count = 0
        switch kind {
        case .giving: try await grants(through: day) { try await sink(joined($0, &count)) }
        case .releases: try await releases(of: day) { try await sink(joined($0, &count)) }
        case .records: try await records(through: day) { try await sink(joined($0, &count)) }
        }
        try await sink(Array("\n]}\n".utf8))
        return count
    }

    private func joined(_ items: [String], _ count: inout Int) -> [UInt8] {
        let text = items.joined(separator: ",\n")
        let first = count == 0
        count += items.count
        return Array((first || items.isEmpty ? text : ",\n\(text)").utf8)
    }

    private func grants(through day: Day, _ take: ([String]) async throws -> Void) async throws {
        var last = ""
        while true {
            let after = last
            let rows = try await db.read { tx in
                try tx.rows(
                    """
                    SELECT i.id, i.body FROM open_item i WHERE i.kind = 'grant' AND i.day <= \(day) AND i.id > \(after)
                        AND NOT EXISTS (
                            SELECT 1 FROM open_item j
                            WHERE j.kind = 'grant' AND j.id = i.id AND j.day > i.day AND j.day <= \(day))
                    ORDER BY i.id LIMIT 200
                    """
                ) { (try $0["id"] as String, try $0["body"] as String) }
            }
            guard let end = rows.last else { return }
            try await take(rows.map(\.1))
            last = end.0
        }
    }

    private func releases(of day: Day, _ take: ([String]) async throws -> Void) async throws {
        var last = ("", 0 as Int64, "")
        while true {
            let after = last
            let rows = try await db.read { tx in
                try tx.rows(
                    """
                    SELECT process, at, id, body FROM open_item WHERE kind = 'release' AND day = \(day)
                        AND (process, at, id) > (\(after.0), \(after.1), \(after.2))
                    ORDER BY process, at, id LIMIT 200
                    """
                ) { row in
                    let place: (String, Int64, String) = (try row["process"], try row["at"], try row["id"])
                    return (place, try row["body"] as String)
                }
            }
            guard let end = rows.last else { return }
            try await take(rows.map(\.1))
            last = end.0
        }
    }

    /// One process at a time: what is in memory is one call with its awards.
    private func records(through day: Day, _ take: ([String]) async throws -> Void) async throws {
        var last = ""
        while true {
            let after = last
            let rows = try await db.read { tx -> [(process: String, day: Day, body: JSONValue)] in
                let next: String? = try tx.value(
                    """
                    SELECT MIN(process) FROM open_item WHERE kind = 'release' AND process > \(after) AND day <= \(day)
                    """)
                guard let next else { return [] }
                return try tx.rows(
                    """
                    SELECT day, body FROM open_item WHERE kind = 'release' AND process = \(next) AND day <= \(day)
                    ORDER BY at, id
                    """
                ) { row in
                    let body: String = try row["body"]
                    return (next, try row["day"], try JSONValue(parsing: body.utf8, fractions: true))
                }
            }
            guard let process = rows.first?.process else { return }
            let linked = rows.map { row -> JSONValue in
                let address = "/open-data/ocds-releases-\(row.day).json#\(row.body["id"]?.string ?? "")"
                return .members([
                    "url": .string(words.address(address)), "date": row.body["date"], "tag": row.body["tag"],
                ])
            }
            let record: JSONValue = [
                "ocid": .string(process), "releases": .array(linked),
                "compiledRelease": ReleaseMerge.compile(rows.map(\.body)),
            ]
            try await take([record.canonicalText])
            last = process
        }
    }
}
