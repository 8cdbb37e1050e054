import Foundation
public import Kernel

/// Where a list goes on: the sort values of the last item, opaque to clients.
public struct Cursor: Hashable, Sendable {
    /// The sort values, in the order of the index.
    public let values: [JSONValue]

    public init(_ values: [JSONValue]) { self.values = values }

    /// The place in a list that is ordered by a day and an identity.
    public init(_ day: Day, _ id: String) { self.init([.string(day.description), .string(id)]) }

    /// The same read back; nil where it is none.
    public var dayAndID: (day: Day, id: String)? {
        guard values.count == 2, let day = values[0].string.flatMap({ Day($0) }), let id = values[1].string else {
            return nil
        }
        return (day, id)
    }

    /// Base64url of the canonical JSON.
    public var text: String {
        let base64 = Data(JSONValue.array(values).canonicalBytes).base64EncodedString()
        return String(
            decoding: base64.utf8.compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                case UInt8(ascii: "="): nil
                default: byte
                }
            }, as: UTF8.self)
    }

    /// Reads a cursor that a client brought back.
    /// - Parameter count: how many values the list sorts by.
    /// - Throws: ``PlainProblem`` of kind `invalid`, code `page.cursor`.
    public init(parsing text: String, count: Int) throws {
        guard text.utf8.count <= 2_000,
            text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") }),
            let data = Data(base64Encoded: Cursor.padded(text)),
            case .array(let values) = try? JSONValue(parsing: data), values.count == count
        else { throw Cursor.problem }
        self.values = values
    }

    private static func padded(_ text: String) -> String {
        let standard = text.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        let missing = (4 - standard.count % 4) % 4
        return String(decoding: standard + [UInt8](repeating: UInt8(ascii: "="), count: missing), as: UTF8.self)
    }

    static let problem = PlainProblem(
        .invalid, "page.cursor",
        Bilingual("翻页位置无效，请从第一页重新查看。", "This place in the list is not valid. Start again from the first page."),
        fields: [
            FieldProblem(field: "after", code: "page.cursor", message: Bilingual("翻页位置无效", "is not a cursor"))
        ])
}

/// Which part of a list is asked for.
public struct Paging: Hashable, Sendable {
    /// The most items that a page may have.
    public static let maximum = 200

    public let limit: Int
    /// Nil on the first page.
    public let after: Cursor?

    public init(limit: Int, after: Cursor? = nil) {
        self.limit = limit
        self.after = after
    }
}

extension Visit {
    /// Reads `limit` and `after`.
    /// - Parameters:
    ///   - usual: items a page where the client does not say.
    ///   - values: how many values the list sorts by.
    /// - Throws: ``PlainProblem`` of kind `invalid`.
    public func paging(usual: Int = 50, values: Int) throws -> Paging {
        var limit = usual
        if let text = query("limit") {
            guard let number = Int(text), (1...Paging.maximum).contains(number) else {
                let range = Bilingual("须为 1 至 \(Paging.maximum) 的整数", "must be a number from 1 to \(Paging.maximum)")
                throw PlainProblem(
                    .invalid, "page.limit", Bilingual("每页条数\(range.zh)。", "The number of items a page \(range.en)."),
                    fields: [FieldProblem(field: "limit", code: "page.limit", message: range)])
            }
            limit = number
        }
        return Paging(limit: limit, after: try query("after").map { try Cursor(parsing: $0, count: values) })
    }
}

/// One page of a list as the API answers it.
public struct Listing<Item: Encodable & Sendable>: Encodable, Sendable {
    public let items: [Item]
    /// What to give as `after` to go on; absent on the last page.
    public let next: String?

    public init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next?.text
    }

    /// Cuts rows that were read one more than asked for: the extra row only tells that there is a next page.
    public init<Row>(
        _ rows: [Row], _ paging: Paging, cursor: (Row) -> Cursor, item: (Row) throws -> Item
    ) rethrows {
        let shown = rows.prefix(paging.limit)
        items = try shown.map(item)
        next = rows.count > paging.limit ? shown.last.map { cursor($0).text } : nil
    }
}
