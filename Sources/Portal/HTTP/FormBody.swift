/// What a form sent: its fields in order, repeated ones kept, and its files.
public struct FormBody: Sendable {
    /// One field; line ends are `\n`.
    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in the order in which they were sent.
    public let fields: [Field]
    /// The files in the order in which they were sent; a field left without a file is absent.
    public let files: [UploadedFile]

    public init(fields: [Field] = [], files: [UploadedFile] = []) {
        self.fields = fields
        self.files = files
    }

    /// A form with one value a field, in the order of the literal.
    public init(_ values: KeyValuePairs<String, String>) {
        self.init(fields: values.map { Field(name: $0.key, value: $0.value) })
    }

    /// The first value of the field; nil where the form did not have it.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a repeated field.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The first file of the field.
    public func file(_ name: String) -> UploadedFile? { files.first { $0.field == name } }

    /// All files of the field.
    public func files(_ name: String) -> [UploadedFile] { files.filter { $0.field == name } }

    /// Line ends as the house stores them: browsers send `\r\n`.
    static func unifyLineEnds(_ text: String) -> String {
        guard text.utf8.contains(0x0D) else { return text }
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D {
                bytes.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                bytes.append(byte)
            }
            previous = byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A file that came with a form. It lives as long as the visit: whoever wants it longer copies it.
public struct UploadedFile: Sendable {
    /// Where the bytes are.
    public enum Contents: Sendable {
        case memory([UInt8])
        /// A temporary file that is removed when the visit has been answered.
        case file(path: String)
    }

    /// The form field it was sent in.
    public let field: String
    /// The last component of the name that the browser gave, free of control characters; may be empty.
    public let name: String
    /// The type that the browser claims; never trust it.
    public let claimedType: String
    /// Bytes.
    public let size: Int
    public let contents: Contents

    public init(field: String, name: String, claimedType: String, size: Int, contents: Contents) {
        self.field = field
        self.name = name
        self.claimedType = claimedType
        self.size = size
        self.contents = contents
    }

    /// All bytes.
    /// - Throws: ``RequestProblem/tooLarge(limit:)`` beyond `limit`; a file error when the spool is gone.
    public func bytes(upTo limit: Int = .max) async throws -> [UInt8] {
        guard size <= limit else { throw RequestProblem.tooLarge(limit: limit) }
        switch contents {
        case .memory(let bytes): return bytes
        case .file(let path): return try await BlockingFiles.read(path)
        }
    }

    /// Reduces what a browser calls a file to a harmless name: the last path component, without control characters
    /// and without the direction marks that disguise an extension, at most 200 characters.
    public static func safeName(_ given: String) -> String {
        let last = given.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
        let kept = last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
            default: true
            }
        }
        let name = String(String.UnicodeScalarView(kept))
        return name == "." || name == ".." ? "" : String(name.prefix(200))
    }
}
