import Hummingbird
import NIOCore

/// Takes the bytes of a streamed answer; waits when the client is slower than the house.
public struct BodyWriter {
    private var writer: (any ResponseBodyWriter)?
    private(set) var count = 0

    init(_ writer: (any ResponseBodyWriter)?) { self.writer = writer }

    /// Sends the bytes.
    /// - Throws: when the client has gone.
    public mutating func write(_ bytes: [UInt8]) async throws {
        count += bytes.count
        try await writer?.write(ByteBuffer(bytes: bytes))
    }

    /// Sends the text as UTF-8.
    public mutating func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    consuming func finish() async throws { try await writer?.finish(nil) }
}

/// Writes the rows of a CSV file.
public struct CSVWriter {
    private var writer: BodyWriter
    private var buffer: [UInt8] = []

    init(_ writer: BodyWriter) { self.writer = writer }

    mutating func begin(_ header: [String]) async throws {
        buffer = [0xEF, 0xBB, 0xBF]
        try await row(header)
    }

    /// Adds one row. A cell that a spreadsheet would run as a formula is made text by a leading apostrophe.
    public mutating func row(_ cells: [String]) async throws {
        for (index, cell) in cells.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            CSVWriter.append(cell, to: &buffer)
        }
        buffer += [0x0D, 0x0A]
        if buffer.count > 32 << 10 { try await flush() }
    }

    mutating func end() async throws -> BodyWriter {
        try await flush()
        return writer
    }

    private mutating func flush() async throws {
        try await writer.write(buffer)
        buffer = []
    }

    private static func append(_ cell: String, to bytes: inout [UInt8]) {
        let guarded = isFormula(cell) ? "'\(cell)" : cell
        guard guarded.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
            bytes += guarded.utf8
            return
        }
        bytes.append(0x22)
        for byte in guarded.utf8 {
            if byte == 0x22 { bytes.append(0x22) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    private static func isFormula(_ cell: String) -> Bool {
        guard let first = cell.utf8.first else { return false }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: return true
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            // A signed number stays a number.
            return !cell.utf8.dropFirst().allSatisfy {
                (48...57).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",")
            }
        default: return false
        }
    }
}
