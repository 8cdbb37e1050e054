import Kernel

/// A photo as its JPEG header describes it.
public struct Photo: Hashable, Sendable {
    public let width: Int
    public let height: Int

    /// Reads width and height out of the frame header (ITU-T T.81); nil where the bytes are no JPEG.
    public init?(jpeg bytes: [UInt8]) {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var place = 2
        while place + 9 < bytes.count {
            guard bytes[place] == 0xFF else { return nil }
            let marker = bytes[place + 1]
            if marker == 0xFF {
                place += 1
                continue
            }
            // Markers without a length.
            if marker == 0x01 || (0xD0...0xD8).contains(marker) {
                place += 2
                continue
            }
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard length >= 2 else { return nil }
            // SOF0 to SOF15, without the tables that share their range.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                height = Int(bytes[place + 5]) << 8 | Int(bytes[place + 6])
                width = Int(bytes[place + 7]) << 8 | Int(bytes[place + 8])
                return
            }
            guard marker != 0xDA, marker != 0xD9 else { return nil }
            place += 2 + length
        }
        return nil
    }

    /// What is wrong with a photo; nil where nothing is.
    /// - Parameter type: as the content shows it.
    static func problem(
        _ bytes: [UInt8], type: String, field: String, _ numbers: PermitNumbers
    ) throws -> FieldProblem? {
        func wrong(_ code: String, _ zh: String, _ en: String, _ basis: Bilingual) -> FieldProblem {
            FieldProblem(field: field, code: code, message: Bilingual(zh, en), basis: basis)
        }
        let most = try numbers.number("photo.bytes")
        let (width, height) = (try numbers.number("photo.width"), try numbers.number("photo.height"))
        guard type == "image/jpeg", let photo = Photo(jpeg: bytes) else {
            return wrong(
                "photo.type", "照片应为 JPG 格式，现为 \(type)。", "The photo must be a JPG; it is \(type).", width.basis)
        }
        guard bytes.count <= most.value else {
            return wrong(
                "photo.large", "照片不得超过 \(most.value >> 10) kB，现为 \(bytes.count >> 10) kB。",
                "The photo may have at most \(most.value >> 10) kB; it has \(bytes.count >> 10) kB.", most.basis)
        }
        guard photo.width >= width.value, photo.height >= height.value else {
            return wrong(
                "photo.small", "照片至少 \(width.value)×\(height.value) 像素，现为 \(photo.width)×\(photo.height)。",
                "The photo needs at least \(width.value)×\(height.value) pixels; it has \(photo.width)×\(photo.height).",
                width.basis)
        }
        return nil
    }
}
