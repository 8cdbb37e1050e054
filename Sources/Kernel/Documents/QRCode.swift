import CQREncode

/// A QR code (libqrencode) as SVG, which pages and printed letters both show.
public enum QRCode {
    /// - Returns: an `svg` element, or nil where the text is too long for a code.
    public static func svg(_ text: String) -> String? {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { return nil }
        var path = ""
        for row in 0..<width {
            for column in 0..<width where data[row * width + column] & 1 == 1 {
                path += "M\(column + 2) \(row + 2)h1v1h-1z"
            }
        }
        let size = width + 4
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" width="112" height="112" role="img" \
            aria-label="QR"><rect width="\(size)" height="\(size)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }
}
