import CMagic
internal import Foundation

/// Files by the hash of their content, in a folder of two levels. A file is there whole or not at all.
public struct FileStore: Sendable {
    let folder: String
    private let scanner: VirusScanner?

    /// - Parameters:
    ///   - folder: an existing folder that only the house writes to.
    ///   - scanner: looks through all that is kept; nil where none is configured.
    public init(folder: String, scanner: VirusScanner? = nil) {
        self.folder = folder
        self.scanner = scanner
    }

    /// - Throws: ``DocumentError/infected(_:)``, ``DocumentError/scannerAway``.
    func scan(_ bytes: [UInt8]) throws { try scanner?.check(bytes) }

    /// A folder for files that live as long as one answer.
    public var spool: String { "\(folder)/spool" }

    /// Whether a file can be written: a full disk or one that the system took for broken still says that it may be.
    public var canWrite: Bool {
        let path = "\(spool)/probe-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return FileManager.default.createFile(atPath: path, contents: Data(count: 4_096))
    }

    /// Reads a temporary file and removes it.
    /// - Throws: ``DocumentError/missing``.
    public static func take(_ path: String) throws -> [UInt8] {
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard let data = FileManager.default.contents(atPath: path) else { throw DocumentError.missing }
        return Array(data)
    }

    /// Keeps bytes; of the same bytes there is one file. One that is torn is written anew.
    /// - Returns: their SHA-256 in hexadecimal text.
    /// - Throws: ``DocumentError/storage(_:)``, and what the scanner says.
    @discardableResult
    public func keep(_ bytes: [UInt8]) throws -> String {
        let hash = Digest.hex(Digest.sha256(bytes))
        let path = path(of: hash)
        guard FileManager.default.contents(atPath: path) != Data(bytes) else { return hash }
        try scan(bytes)
        try write(bytes, to: path)
        return hash
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileStore.waitForDisk(path)
        } catch {
            throw DocumentError.storage("\(error)")
        }
    }

    /// Waits until a file and its name are on the disk: what is registered must outlive a loss of power.
    /// - Throws: `POSIXError` where the disk does not take it.
    public static func waitForDisk(_ path: String) throws {
        for place in [path, (path as NSString).deletingLastPathComponent] {
            let descriptor = open(place, O_RDONLY | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            guard descriptor >= 0, fsync(descriptor) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        }
    }

    /// Where a file lies.
    public func path(of hash: String) -> String { "\(folder)/\(hash.prefix(2))/\(hash)" }

    /// The bytes of a file.
    /// - Throws: ``DocumentError/missing`` or ``DocumentError/changed`` where the disk holds something else.
    public func bytes(of hash: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path(of: hash)) else { throw DocumentError.missing }
        let bytes = Array(data)
        guard Digest.hex(Digest.sha256(bytes)) == hash else { throw DocumentError.changed }
        return bytes
    }

    /// Reads a file through, in pieces.
    /// - Throws: ``DocumentError/missing`` or ``DocumentError/changed`` where the disk holds something else.
    public func check(_ hash: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path(of: hash)) else { throw DocumentError.missing }
        defer { try? handle.close() }
        let digest = RunningDigest()
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { digest.add(Array(piece)) }
        } catch {
            throw DocumentError.storage("\(error)")
        }
        guard digest.finish() == hash else { throw DocumentError.changed }
    }

    /// The media type as the content shows it (libmagic), whatever the name says.
    public static func sniff(_ bytes: [UInt8]) -> String {
        guard let cookie = magic_open(MAGIC_MIME_TYPE) else { return "application/octet-stream" }
        defer { magic_close(cookie) }
        guard magic_load(cookie, nil) == 0, let found = magic_buffer(cookie, bytes, bytes.count) else {
            return "application/octet-stream"
        }
        return String(cString: found)
    }
}

/// Why a file cannot be taken or given.
public enum DocumentError: Problem, Hashable {
    case empty(field: String)
    case tooLarge(field: String, limit: Int)
    case wrongType(field: String, found: String, accepted: [String])
    case infected(String)
    case scannerAway
    case missing
    case changed
    case storage(String)
    case unknownLetter(String)
    case rendering(String)

    public var kind: ProblemKind {
        switch self {
        case .empty, .wrongType, .infected: .invalid
        case .scannerAway, .storage: .busy
        case .tooLarge: .tooLarge
        case .missing: .notFound
        case .changed, .unknownLetter, .rendering: .broken
        }
    }

    public var code: String {
        switch self {
        case .empty: "document.empty"
        case .tooLarge: "document.too-large"
        case .wrongType: "document.wrong-type"
        case .infected: "document.infected"
        case .scannerAway: "document.scanner-away"
        case .missing: "document.missing"
        case .changed: "document.changed"
        case .storage: "document.storage"
        case .unknownLetter: "document.unknown-letter"
        case .rendering: "document.rendering"
        }
    }

    public var message: Bilingual {
        switch self {
        case .empty: Bilingual("文件是空的，请重新选择。", "The file is empty; choose it again.")
        case .tooLarge(_, let limit):
            Bilingual("文件超过 \(limit >> 20) MB，请压缩后再上传。", "The file is above \(limit >> 20) MB; make it smaller.")
        case .wrongType(_, let found, let accepted):
            Bilingual(
                "文件内容是 \(found)，这里只接受 \(accepted.joined(separator: "、"))。",
                "The content is \(found); only \(accepted.joined(separator: ", ")) is taken here.")
        case .infected(let name):
            Bilingual("文件含有恶意内容（\(name)），未予接收。", "The file holds harmful content (\(name)) and was not taken.")
        case .scannerAway:
            Bilingual("文件安全检查暂不可用，请稍后再上传。", "Files cannot be checked just now; upload again a little later.")
        case .missing: Bilingual("没有这份文件，或您无权查看。", "There is no such file, or it is not yours to see.")
        case .changed: Bilingual("文件与登记的摘要不符，已停止提供。", "The file does not match its recorded hash and is not served.")
        case .storage: Bilingual("文件暂时无法保存，请稍后再试。", "The file cannot be stored now; try again later.")
        case .unknownLetter(let id): Bilingual("没有函件模板 \(id)。", "There is no letter \(id).")
        case .rendering: Bilingual("函件暂时无法生成 PDF。", "The PDF cannot be made now.")
        }
    }

    public var fields: [FieldProblem] {
        switch self {
        case .empty(let field), .tooLarge(let field, _), .wrongType(let field, _, _):
            [FieldProblem(field: field, code: code, message: message)]
        default: []
        }
    }
}
