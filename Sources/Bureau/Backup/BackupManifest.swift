import Foundation
public import Kernel

/// What a backup consists of and what the house held when it was made. It is written last: a folder without it is no
/// backup.
public struct BackupManifest: Codable, Hashable, Sendable {
    /// One file of the backup.
    public struct Part: Codable, Hashable, Sendable {
        /// Its path within the folder.
        public let path: String
        public let bytes: Int
        public let sha256: String
    }

    static let format = "kechuang-backup-1"
    static let name = "manifest.json"
    static let digestName = "manifest.sha256"

    public let format: String
    /// UTC, ISO 8601.
    public let madeAt: String
    /// `sqlite` or `postgres`: where it can go back to.
    public let engine: String
    /// Database, files and, where they were asked for, keys.
    public let parts: [Part]
    /// Names of the keys that opened sealed content when the backup was made; whoever restores needs them.
    public let keys: [String]
    public let state: HouseState
    /// Papers that are registered and were not on the disk, or not as registered.
    public let damaged: [String]

    var database: Part? { parts.first { $0.path.hasPrefix("database.") } }

    /// Writes the manifest, and its own hash beside it.
    /// - Returns: the hash.
    func write(to folder: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(self)
        let hash = Digest.hex(Digest.sha256(Array(data)))
        try CopiedFile.write(data, to: "\(folder)/\(BackupManifest.name)")
        try CopiedFile.write(
            Data("\(hash)  \(BackupManifest.name)\n".utf8), to: "\(folder)/\(BackupManifest.digestName)")
        return hash
    }

    /// Reads the manifest of a folder and holds every file against it.
    /// - Parameter sha256: of the manifest, where somebody kept it elsewhere.
    /// - Throws: ``BackupProblem`` that names the file.
    static func read(from folder: String, sha256: String? = nil) throws -> BackupManifest {
        let path = "\(folder)/\(name)"
        guard let data = FileManager.default.contents(atPath: path) else { throw BackupProblem.missing(name) }
        let hash = Digest.hex(Digest.sha256(Array(data)))
        let kept = FileManager.default.contents(atPath: "\(folder)/\(digestName)")
            .map { String(decoding: $0.prefix(64), as: UTF8.self) }
        guard let kept else { throw BackupProblem.missing(digestName) }
        guard hash == kept, sha256 == nil || sha256 == hash else { throw BackupProblem.changed(name) }
        guard let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data) else {
            throw BackupProblem.changed(name)
        }
        guard manifest.format == format else { throw BackupProblem.otherFormat(manifest.format) }
        for part in manifest.parts {
            let (bytes, sha256) = try CopiedFile.measure("\(folder)/\(part.path)", named: part.path)
            guard bytes == part.bytes, sha256 == part.sha256 else { throw BackupProblem.changed(part.path) }
        }
        let known = Set(manifest.parts.map(\.path) + [name, digestName])
        if let stranger = CopiedFile.list(folder).first(where: { !known.contains($0) }) {
            throw BackupProblem.stranger(stranger)
        }
        return manifest
    }
}

/// Why a backup cannot be made or used.
public enum BackupProblem: Problem, Hashable {
    case missing(String)
    case changed(String)
    case stranger(String)
    case otherFormat(String)
    case otherEngine(String)
    case otherSchema(String)
    case exists(String)
    case unwritable(String)
    case otherKeys([String])

    public var kind: ProblemKind { .conflict }
    public var code: String { "backup" }
    public var message: Bilingual {
        switch self {
        case .missing(let file): Bilingual("备份中缺少 \(file)。", "The backup lacks \(file).")
        case .changed(let file):
            Bilingual("备份中的 \(file) 残缺或被改动。", "\(file) of the backup is torn or was changed.")
        case .stranger(let file):
            Bilingual("\(file) 不在备份清单中。", "\(file) is not in the manifest of the backup.")
        case .otherFormat(let format): Bilingual("不认识备份格式 \(format)。", "The format \(format) is not known.")
        case .otherEngine(let engine):
            Bilingual(
                "备份来自 \(engine)，请用 --database 指明同类数据库。",
                "The backup is of \(engine); name a database of that kind with --database.")
        case .otherSchema(let step):
            Bilingual(
                "数据库的结构与本程序不符（\(step)），请用为它提供服务的版本备份。",
                "The schema is not that of this program (\(step)); make the backup with the version that serves it.")
        case .exists(let path): Bilingual("\(path) 已存在且非空。", "\(path) is there already and not empty.")
        case .unwritable(let path): Bilingual("无法写入 \(path)。", "\(path) cannot be written.")
        case .otherKeys(let names):
            Bilingual(
                "缺少密钥 \(names.joined(separator: "、"))，恢复后个人敏感信息将无法读取。",
                "The keys \(names.joined(separator: ", ")) are not among those given; sealed content could not be read."
            )
        }
    }
}
