/// ZIP archives without compression, so that what is tried stands in them as it is, with checksums that are right.
enum StoredZip {
    private static let checks: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// An archive of files (PKWARE APPNOTE, 4.3).
    static func archive(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var (locals, directory) = ([UInt8](), [UInt8]())
        for file in files {
            let (name, size) = (Array(file.name.utf8), little(file.bytes.count, 4))
            // Version 2.0, no flags, stored, made on 1 January 1980.
            let head = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
            let facts = head + little(Int(check(file.bytes)), 4) + size + size + little(name.count, 2) + little(0, 2)
            let place = little(locals.count, 4)
            locals += [0x50, 0x4B, 3, 4] + facts + name + file.bytes
            directory += [0x50, 0x4B, 1, 2] + little(20, 2) + facts + little(0, 10) + place + name
        }
        let count = little(files.count, 2)
        return locals + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + count + count + little(directory.count, 4)
            + little(locals.count, 4) + little(0, 2)
    }

    private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> ($0 * 8)) : 0 }
    }

    private static func check(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { checks[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }
}
