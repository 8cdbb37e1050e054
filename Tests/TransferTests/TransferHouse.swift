import Foundation
import Kernel
import Portal
import Store
import StoreTestSupport

@testable import Transfer

/// The Transfer room on a fresh database, with its own procedures.
struct TransferHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    static var root: String {
        var url = URL(fileURLWithPath: #filePath)
        while url.lastPathComponent != "Tests" { url = url.deletingLastPathComponent() }
        return url.deletingLastPathComponent().path
    }

    static func city() throws -> Jurisdiction { try Jurisdiction(folder: "\(root)/Jurisdictions/Shenzhen") }

    static let tables: [String] =
        ["National", "Shenzhen"].flatMap { folder -> [String] in
            let path = "\(root)/Jurisdictions/\(folder)/tables"
            return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { "\(path)/\($0)" }
        }.filter { $0.contains("/transfer-") }
}
