import CZip
internal import Foundation

/// A package of files (ZIP, by libzip).
public enum Package {
    /// Writes files into one package.
    /// - Parameters:
    ///   - entries: names with forward slashes, and what they hold.
    ///   - path: where the package goes; an older one is replaced.
    /// - Throws: ``DocumentError/storage(_:)``.
    public static func write(_ entries: [(name: String, bytes: [UInt8])], to path: String) throws(DocumentError) {
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
            throw .storage("zip_open \(code)")
        }
        for entry in entries {
            // libzip frees the copy when the archive is closed.
            let size = max(1, entry.bytes.count)
            guard let copy = malloc(size) else {
                zip_discard(archive)
                throw .storage("no memory")
            }
            entry.bytes.withUnsafeBytes { source in
                if let base = source.baseAddress { copy.copyMemory(from: base, byteCount: source.count) }
            }
            guard let source = zip_source_buffer(archive, copy, UInt64(entry.bytes.count), 1) else {
                free(copy)
                zip_discard(archive)
                throw .storage("zip_source")
            }
            guard zip_file_add(archive, entry.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8)) >= 0 else {
                zip_source_free(source)
                zip_discard(archive)
                throw .storage("zip_file_add \(entry.name)")
            }
        }
        guard zip_close(archive) == 0 else {
            zip_discard(archive)
            throw .storage("zip_close")
        }
    }
}
