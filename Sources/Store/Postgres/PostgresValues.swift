import CPostgres

/// Values on their way to PostgreSQL: text form, bytes in binary form.
struct PostgresParameters {
    private let bytes: [[CChar]?]
    private let types: [Oid]
    private let lengths: [Int32]
    private let formats: [Int32]

    private static let boolean: Oid = 16
    private static let binary: Oid = 17
    private static let integer: Oid = 20
    private static let real: Oid = 701

    var count: Int { types.count }

    /// Tells statements apart whose parameters have other types.
    var signature: String { types.map(String.init).joined(separator: ",") }

    init(_ values: [SQLValue]) {
        types = values.map { value in
            switch value {
            // Texts and nulls go untyped, so that PostgreSQL takes the type of their place.
            case .null, .text: 0
            case .integer: PostgresParameters.integer
            case .real: PostgresParameters.real
            case .bool: PostgresParameters.boolean
            case .blob: PostgresParameters.binary
            }
        }
        bytes = values.map { value in
            switch value {
            case .null: nil
            case .text(let text): PostgresParameters.chars(text)
            case .integer(let number): PostgresParameters.chars(String(number))
            case .real(let number): PostgresParameters.chars(String(number))
            case .bool(let flag): PostgresParameters.chars(flag ? "t" : "f")
            case .blob(let blob): blob.map { CChar(bitPattern: $0) }
            }
        }
        formats = values.map { if case .blob = $0 { 1 } else { 0 } }
        lengths = bytes.map { Int32($0?.count ?? 0) }
    }

    private static func chars(_ text: String) -> [CChar] { text.utf8.map { CChar(bitPattern: $0) } + [0] }

    /// Lends the arrays that libpq wants.
    func withPointers<T>(
        _ body: (
            UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        )
            -> T
    ) -> T {
        // One block holds all values, so that their addresses stay put during the call.
        var block: [CChar] = [0]
        var starts: [Int?] = []
        for value in bytes {
            starts.append(value == nil ? nil : block.count)
            block += value ?? []
        }
        return block.withUnsafeBufferPointer { block in
            let base = block.baseAddress
            let pointers = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { pointers in
                types.withUnsafeBufferPointer { types in
                    lengths.withUnsafeBufferPointer { lengths in
                        formats.withUnsafeBufferPointer { formats in
                            body(types.baseAddress, pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                        }
                    }
                }
            }
        }
    }
}

/// Values on their way back.
enum PostgresValues {
    static func columns(_ result: OpaquePointer?) -> [String: Int] {
        var columns: [String: Int] = [:]
        for index in 0..<PQnfields(result) {
            let name = PQfname(result, index).map { String(cString: $0) } ?? ""
            if columns[name] == nil { columns[name] = Int(index) }
        }
        return columns
    }

    static func row(_ result: OpaquePointer?, _ row: Int32, _ columns: [String: Int]) -> Row {
        Row(columns: columns, values: (0..<PQnfields(result)).map { value(result, row, $0) })
    }

    private static func value(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let length = Int(PQgetlength(result, row, column))
        let bytes = UnsafeBufferPointer(start: start, count: length).map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        switch PQftype(result, column) {
        case 16: return .bool(text == "t")
        case 20, 21, 23: return Int64(text).map { .integer($0) } ?? .text(text)
        case 700, 701: return Double(text).map { .real($0) } ?? .text(text)
        case 17: return .blob(unescaped(bytes))
        default: return .text(text)
        }
    }

    /// `\x0a1b…` as bytes.
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2)
        func digit(_ byte: UInt8) -> UInt8 { byte >= 97 ? byte - 87 : byte - 48 }
        for index in stride(from: 2, to: bytes.count - 1, by: 2) {
            result.append(digit(bytes[index]) << 4 | digit(bytes[index + 1]))
        }
        return result
    }
}
