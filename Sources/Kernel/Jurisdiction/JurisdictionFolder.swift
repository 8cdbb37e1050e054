internal import Foundation

/// Where the data of cities lies.
public enum JurisdictionFolder {
    /// `KECHUANG_JURISDICTIONS`, or the folder `Jurisdictions` beside the program, above it, or in the working folder.
    public static var root: String {
        if let given = ProcessInfo.processInfo.environment["KECHUANG_JURISDICTIONS"] { return given }
        var folder = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        for _ in 0..<6 {
            let candidate = folder.appendingPathComponent("Jurisdictions").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return FileManager.default.currentDirectoryPath + "/Jurisdictions"
    }

    /// The folder of a city, whatever the case of its name.
    /// - Throws: ``JurisdictionError`` that lists the cities there are.
    public static func find(_ city: String) throws(JurisdictionError) -> String {
        let known = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()
        guard let name = known.first(where: { $0.lowercased() == city.lowercased() }) else {
            throw JurisdictionError(
                path: root, reason: "no city '\(city)'; there are: \(known.joined(separator: ", "))")
        }
        return "\(root)/\(name)"
    }
}
