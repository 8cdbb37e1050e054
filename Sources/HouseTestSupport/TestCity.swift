import Foundation
public import Kernel

/// The cities of this repository, read once for all tests of a run.
public enum TestCity {
    /// The folder of the repository.
    public static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        while url.lastPathComponent != "Sources" { url = url.deletingLastPathComponent() }
        return url.deletingLastPathComponent().path
    }()

    private static let read = Result { try Jurisdiction(folder: "\(root)/Jurisdictions/Shenzhen") }

    /// Shenzhen, with a book of numbers of the caller's own.
    public static func shenzhen() throws -> Jurisdiction { try read.get().withOwnBook() }

    /// A folder of one test's own, with the place for files that live as long as one answer.
    public static func folder() throws -> String {
        let path = "\(NSTemporaryDirectory())kechuang-house-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: "\(path)/spool", withIntermediateDirectories: true)
        return path
    }
}
