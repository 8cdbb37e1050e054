import CPostgres

/// Values on their way to PostgreSQL: text form, bytes in binary form.
struct PostgresParameters {
    /// All values one after the other, so that their addresses stay put during a call.
    private let block: [UInt8]
    /// Where each value begins in the block; nil for null.
    private let starts: [Int?]
    /// Tells statements apart that are worded alike.
    let types: [Oid]
    private let lengths: [Int32]
    private let formats: [Int32]

    private static let boolean: Oid = 16
    private static let binary: Oid = 17
    private static let integer: Oid = 20
    private static let real: Oid = 701

    var count: Int { types.count }

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
        var block: [UInt8] = [0]
        var starts: [Int?] = []
        var lengths: [Int32] = []
        for value in values {
            let start = block.count
            switch value {
            case .null: break
            case .text(let text): block.append(contentsOf: text.utf8)
            case .integer(let number): block.append(contentsOf: String(number).utf8)
            case .real(let number): block.append(contentsOf: String(number).utf8)
            case .bool(let flag): block.append(flag ? UInt8(ascii: "t") : UInt8(ascii: "f"))
            case .blob(let blob): block.append(contentsOf: blob)
            }
            starts.append(value == .null ? nil : start)
            lengths.append(Int32(block.count - start))
            if value != .null { block.append(0) }
        }
        self.block = block
        self.starts = starts
        self.lengths = lengths
        formats = values.map { if case .blob = $0 { 1 } else { 0 } }
    }

    /// Lends the arrays that libpq wants.
    func withPointers<T>(
        _ body: (
            UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        )
            -> T
    ) -> T {
        block.withUnsafeBytes { block in
            let base = block.assumingMemoryBound(to: CChar.self).baseAddress
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

/// A statement on its way to PostgreSQL, prepared under a name or written out.
struct PostgresStatement {
    let name: String?
    let text: String
    let parameters: PostgresParameters

    /// Runs it and waits for the answer.
    func run(on pointer: OpaquePointer) -> OpaquePointer? {
        let count = Int32(parameters.count)
        return parameters.withPointers { types, values, lengths, formats in
            guard let name else { return PQexecParams(pointer, text, count, types, values, lengths, formats, 0) }
            return PQexecPrepared(pointer, name, count, values, lengths, formats, 0)
        }
    }

    /// Sends it without waiting.
    func send(on pointer: OpaquePointer) -> Bool {
        let count = Int32(parameters.count)
        return parameters.withPointers { types, values, lengths, formats in
            guard let name else { return PQsendQueryParams(pointer, text, count, types, values, lengths, formats, 0) }
            return PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 0)
        } == 1
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
