import Foundation

/// The project's own Swift files, read once.
struct SourceTree {
    struct File {
        /// Path from the project's root, e.g. `Sources/Store/SQL.swift`.
        let path: String
        let lines: [String]

        /// The target the file belongs to: the folder under Sources, or under Sources/Duties.
        var room: String {
            let parts = path.split(separator: "/").map(String.init)
            return parts[1] == "Duties" ? parts[2] : parts[1]
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let sources = files(under: "Sources")
    static let tests = files(under: "Tests")

    static func files(under folder: String) -> [File] {
        let base = "\(root)/\(folder)"
        guard let walker = FileManager.default.enumerator(atPath: base) else { return [] }
        var found: [File] = []
        for case let path as String in walker where path.hasSuffix(".swift") {
            guard let text = try? String(contentsOfFile: "\(base)/\(path)", encoding: .utf8) else { continue }
            found.append(File(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n")))
        }
        return found.sorted { $0.path < $1.path }
    }
}
