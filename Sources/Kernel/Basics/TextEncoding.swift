import Glibc

/// Text of files that other programs made.
public enum TextEncoding: String, Codable, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case gb18030

    /// The text of bytes; nil where a byte sequence does not belong to the encoding, so that a wrong choice is told
    /// and not turned into question marks.
    public func decode(_ bytes: [UInt8]) -> String? {
        switch self {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .gb18030:
            return TextEncoding.convert(bytes, from: "GB18030").flatMap { String(validating: $0, as: UTF8.self) }
        }
    }

    private static func convert(_ bytes: [UInt8], from name: String) -> [UInt8]? {
        guard let converter = iconv_open("UTF-8", name), Int(bitPattern: converter) != -1 else { return nil }
        defer { iconv_close(converter) }
        var source = bytes.map { CChar(bitPattern: $0) }
        // A character of GB 18030 has at least one byte, one of UTF-8 at most four.
        var target = [CChar](repeating: 0, count: bytes.count * 4 + 4)
        let capacity = target.count
        let left: Int? = source.withUnsafeMutableBufferPointer { from in
            target.withUnsafeMutableBufferPointer { to in
                var (start, end) = (from.baseAddress, to.baseAddress)
                var (unread, free) = (from.count, capacity)
                return iconv(converter, &start, &unread, &end, &free) == Int.max || unread > 0 ? nil : free
            }
        }
        return left.map { target.prefix(capacity - $0).map { UInt8(bitPattern: $0) } }
    }
}
