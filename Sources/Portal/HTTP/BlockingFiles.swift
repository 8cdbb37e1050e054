import Foundation
import NIOPosix
import Synchronization

/// A call to the file system failed.
struct FileFailure: Error, CustomStringConvertible {
    let operation: String
    let path: String
    let code: Int32

    var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
}

/// File calls block, so they run on threads of their own and never where requests are answered.
enum BlockingFiles {
    static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    static func read(_ path: String) async throws -> [UInt8] {
        try await run { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    /// Bytes of a regular file.
    static func size(_ path: String) async throws -> Int {
        try await run {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int else {
                throw FileFailure(operation: "open", path: path, code: EISDIR)
            }
            return size
        }
    }

    static func openToRead(_ path: String) async throws -> Int32 {
        try await run {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileFailure(operation: "open", path: path, code: errno) }
            return descriptor
        }
    }

    /// The next bytes, at most `count`; empty at the end.
    static func next(_ descriptor: Int32, _ count: Int) async throws -> [UInt8] {
        try await run {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                let got = Foundation.read(descriptor, buffer.baseAddress, count)
                if got < 0 { failure = errno }
                filled = max(0, got)
            }
            guard failure == 0 else { throw FileFailure(operation: "read", path: "", code: failure) }
            return bytes
        }
    }

    static func close(_ descriptor: Int32) async {
        _ = try? await run { Foundation.close(descriptor) }
    }
}

/// The temporary files of one visit; discarded when it has been answered.
final class Spool: Sendable {
    private let folder: String
    private let paths = Mutex<[String]>([])

    init(folder: String) { self.folder = folder }

    /// A new empty file that only this account can read.
    func create() async throws -> (descriptor: Int32, path: String) {
        let folder = folder
        let (descriptor, path) = try await BlockingFiles.run {
            var template = Array("\(folder)/upload-XXXXXX".utf8CString)
            let descriptor = mkstemp(&template)
            let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard descriptor >= 0 else { throw FileFailure(operation: "create", path: path, code: errno) }
            return (descriptor, path)
        }
        paths.withLock { $0.append(path) }
        return (descriptor, path)
    }

    func append(_ bytes: [UInt8], to descriptor: Int32) async throws {
        try await BlockingFiles.run {
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard written > 0 else { throw FileFailure(operation: "write", path: "upload", code: errno) }
                rest = rest.dropFirst(written)
            }
        }
    }

    /// Removes every file.
    func discard() async {
        let taken = paths.withLock { paths in
            defer { paths = [] }
            return paths
        }
        guard !taken.isEmpty else { return }
        _ = try? await BlockingFiles.run { for path in taken { unlink(path) } }
    }
}
