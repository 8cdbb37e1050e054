public import Kernel
import Store

/// How a funder's file is read: its columns, units and date forms.
public struct ImportMap: Codable, Sendable, Hashable {
    public enum AmountUnit: String, Codable, Sendable { case yuan = "元", tenThousand = "万元" }

    /// Short code of the funder, e.g. `nsfc`; with the number it tells records apart.
    public let funder: String
    public let encoding: TextEncoding?
    /// Names of the file's columns by ours. Awards: number, title, kind, host, investigator, amount, term, rating.
    /// Calls: number, title, source, published, closes.
    public let columns: [String: String]
    /// Unit of the amounts; yuan where it is absent.
    public let unit: AmountUnit?
    /// Words that stand for nothing.
    public let missing: [String]?

    public init(
        funder: String, encoding: TextEncoding? = nil, columns: [String: String], unit: AmountUnit? = nil,
        missing: [String]? = nil
    ) {
        self.funder = funder
        self.encoding = encoding
        self.columns = columns
        self.unit = unit
        self.missing = missing
    }
}

/// What kind of record a file holds.
public enum ImportKind: String, Sendable, CaseIterable {
    case awards, calls

    /// Columns that the map must name.
    var required: [String] {
        switch self {
        case .awards: ["number", "title", "host", "investigator", "amount"]
        case .calls: ["number", "title", "source"]
        }
    }
}

/// One record as it is kept; what a kind does not have is empty.
struct ImportedRecord: Hashable, Sendable {
    var number = ""
    var title = ""
    var kind = ""
    var host = ""
    var investigator = ""
    var amount: Money?
    var startsOn: Day?
    var endsOn: Day?
    var rating = ""
    /// What a date column says where it is no date.
    var rawDate = ""

    /// Tells a changed record from the one that is kept.
    var hash: String {
        let content: JSONValue = [
            "title": .string(title), "kind": .string(kind), "host": .string(host),
            "investigator": .string(investigator),
            "amount": amount.map { .integer($0.fen) } ?? .null, "starts": .string(startsOn?.description ?? ""),
            "ends": .string(endsOn?.description ?? ""), "rating": .string(rating), "raw": .string(rawDate),
        ]
        return Digest.hex(Digest.sha256(content.canonicalBytes))
    }

    init() {}

    /// A record as it is kept.
    init(row: Row) throws {
        number = try row["number"]
        title = try row["title"]
        kind = try row["kind"]
        host = try row["host"]
        investigator = try row["investigator"]
        amount = try row["amount_fen"]
        startsOn = try row["starts_on"]
        endsOn = try row["ends_on"]
        rating = try row["rating"]
        rawDate = try row["raw_date"]
    }

    /// Reads a row of the file.
    /// - Returns: the record and a note, or why the row cannot be taken.
    static func read(
        _ kind: ImportKind, _ map: ImportMap, _ cell: (String) -> String?
    ) -> Result<(record: ImportedRecord, note: Bilingual?), ImportRefusal> {
        let missing = Set(map.missing ?? []).union([""])
        func text(_ name: String) -> String { cell(name).map { missing.contains($0) ? "" : $0 } ?? "" }
        var record = ImportedRecord()
        record.number = text("number")
        record.title = text("title")
        guard !record.number.isEmpty else { return .failure(.init(Bilingual("没有编号", "no number"))) }
        guard !record.title.isEmpty else { return .failure(.init(Bilingual("没有名称", "no title"))) }
        var note: Bilingual?
        switch kind {
        case .awards:
            record.kind = text("kind")
            record.host = text("host")
            record.investigator = text("investigator")
            record.rating = text("rating")
            guard !record.host.isEmpty else { return .failure(.init(Bilingual("没有单位", "no host"))) }
            do {
                record.amount = try Money(parsing: text("amount") + (map.unit == .tenThousand ? "万元" : ""))
            } catch { return .failure(.init(error.message)) }
            let term = text("term")
            if let (starts, ends) = months(term) {
                (record.startsOn, record.endsOn) = (starts, ends)
            } else if !term.isEmpty {
                record.rawDate = term
                note = Bilingual("起止年月「\(term)」读不出，按原文保存", "the term '\(term)' is no date and is kept as it is")
            }
        case .calls:
            record.host = text("source")
            record.startsOn = Day(text("published"))
            let closes = text("closes")
            record.endsOn = Day(closes)
            if record.endsOn == nil {
                record.rawDate = closes
                note = Bilingual(
                    "截止日期「\(closes)」不是日期，按原文保存", "the closing date '\(closes)' is no date and is kept as it is")
            }
        }
        return .success((record, note))
    }

    /// `2018.01-2020.12`, `2018-01-01至2020-12-31` and the like: first and last day.
    static func months(_ text: String) -> (Day, Day)? {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        switch numbers.count {
        case 4:
            guard let starts = Day(year: numbers[0], month: numbers[1], day: 1), (1...12).contains(numbers[3]) else {
                return nil
            }
            let last = Day.length(ofMonth: numbers[3], year: numbers[2])
            return Day(year: numbers[2], month: numbers[3], day: last).map { (starts, $0) }
        case 6:
            guard let starts = Day(year: numbers[0], month: numbers[1], day: numbers[2]),
                let ends = Day(year: numbers[3], month: numbers[4], day: numbers[5])
            else { return nil }
            return (starts, ends)
        default: return nil
        }
    }
}

/// Why a row cannot be taken.
struct ImportRefusal: Error, Hashable, Sendable {
    let reason: Bilingual
    init(_ reason: Bilingual) { self.reason = reason }
}
