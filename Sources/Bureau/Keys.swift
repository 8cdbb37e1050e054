import Foundation
public import Kernel
import Store

/// Secret keys in files that only the house may read; made on the first start.
enum Keys {
    static let length = 32

    /// - Throws: ``ConfigurationError`` where the file cannot be read or written.
    static func load(_ path: String) throws -> [UInt8] {
        let manager = FileManager.default
        if let data = manager.contents(atPath: path) {
            guard data.count == length else { throw Keys.damaged(path) }
            return Array(data)
        }
        let key = try Secret.bytes(length)
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ConfigurationError(
                faults: [Bilingual("无法建立密钥文件夹“\(folder)”", "folder '\(folder)' of the keys cannot be made")])
        }
        try write(key, to: path)
        return key
    }

    static func damaged(_ path: String) -> ConfigurationError {
        ConfigurationError(faults: [Bilingual("密钥文件“\(path)”已损坏，请从备份恢复", "key file '\(path)' is damaged")])
    }

    /// Writes beside the old file and puts it in its place once it is on the disk, so that a power cut leaves one of
    /// the two whole: what a lost key has sealed is lost with it.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let manager = FileManager.default
        let draft = "\(path).new"
        guard manager.createFile(atPath: draft, contents: Data(bytes), attributes: [.posixPermissions: 0o600]) else {
            throw ConfigurationError(
                faults: [Bilingual("密钥文件“\(path)”无法写入", "key file '\(path)' cannot be written")])
        }
        do {
            try FileStore.waitForDisk(draft)
            guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            try FileStore.waitForDisk(path)
        } catch {
            throw ConfigurationError(
                faults: [Bilingual("密钥文件“\(path)”无法替换", "key file '\(path)' cannot be replaced")])
        }
    }
}

/// The keys that seal personal content: `registry.key` holds them one after another, oldest first; `index.key` holds
/// the secret of the marks once the first key has gone.
struct KeyRing {
    let folder: String
    private(set) var keys: [[UInt8]]
    private var index: [UInt8]?

    private var path: String { "\(folder)/registry.key" }
    private var indexPath: String { "\(folder)/index.key" }

    /// Reads the ring; makes the first key where there is none.
    /// - Throws: ``ConfigurationError`` where a file is damaged or cannot be written.
    init(folder: String) throws {
        self.folder = folder
        let bytes = FileManager.default.contents(atPath: "\(folder)/registry.key").map(Array.init)
        let all = try bytes ?? Keys.load("\(folder)/registry.key")
        guard !all.isEmpty, all.count.isMultiple(of: Keys.length) else {
            throw Keys.damaged("\(folder)/registry.key")
        }
        keys = stride(from: 0, to: all.count, by: Keys.length).map { Array(all[$0..<($0 + Keys.length)]) }
        index = FileManager.default.contents(atPath: "\(folder)/index.key").map(Array.init)
        if let index, index.count != Keys.length {
            throw Keys.damaged("\(folder)/index.key")
        }
    }

    var vault: Vault {
        let newest = keys[keys.count - 1]
        return Vault(key: newest, earlier: Array(keys.dropLast()), index: index)
    }

    /// Adds a key, which seals from now on.
    mutating func add() throws {
        keys.append(try Secret.bytes(Keys.length))
        try Keys.write(keys.flatMap(\.self), to: path)
    }

    /// Drops all keys but the newest; the secret of the marks is kept apart first.
    mutating func retire() throws {
        if index == nil {
            try Keys.write(keys[0], to: indexPath)
            index = keys[0]
        }
        keys = [keys[keys.count - 1]]
        try Keys.write(keys[0], to: path)
    }
}

/// What `kechuang keys` does with a house that is not serving.
public struct KeyWork {
    private let db: Database
    private let files: FileStore
    private var ring: KeyRing

    /// - Throws: what keeps the house from being opened.
    public init(_ configuration: Configuration) async throws {
        db = try Database.open(configuration.database)
        try await db.migrate(Services.migrations)
        files = FileStore(folder: "\(configuration.dataDirectory)/files")
        ring = try KeyRing(folder: "\(configuration.dataDirectory)/keys")
    }

    private var rotation: KeyRotation {
        KeyRotation(db: db, vault: ring.vault, files: files, columns: Services.sealed)
    }

    /// The names of the keys, newest first, with the number of values that each has sealed.
    public func list() async throws -> [(key: String, values: Int)] {
        let census = try await rotation.census()
        let unnamed = census[""].map { [(key: "unnamed", values: $0)] } ?? []
        return ring.vault.keyNames.map { ($0, census[$0] ?? 0) } + unnamed
    }

    /// Adds a key that seals from now on; servers learn of it when they start again.
    /// - Returns: its name.
    public mutating func add() throws -> String {
        try ring.add()
        return ring.vault.newestKey
    }

    /// Seals everything anew with the newest key and drops the others once nothing needs them.
    /// - Parameter keepOld: leaves the old keys in the ring, for servers that have not started again.
    public mutating func reseal(keepOld: Bool) async throws -> KeyRotation.Outcome {
        let outcome = try await rotation.run()
        let census = try await rotation.census()
        guard census.keys.allSatisfy({ $0 == ring.vault.newestKey }) else {
            throw PlainProblem(
                .conflict, "keys.in-use",
                Bilingual("仍有内容由旧密钥加密，请再运行一次。", "Some content is still sealed with an old key; run it again."))
        }
        if !keepOld, ring.keys.count > 1 { try ring.retire() }
        return outcome
    }
}
