import Foundation

/// Things outside the package that tests compare with, where they are.
enum Outside {
    private static let environment = ProcessInfo.processInfo.environment

    /// The folder of real data.
    static var data: String? {
        let given = environment["KECHUANG_TEST_DATA"]
        let path = given ?? "\(FileManager.default.currentDirectoryPath)/../shared/data"
        return FileManager.default.fileExists(atPath: "\(path)/nsfc-awards-2017.csv") ? path : nil
    }

    /// A Python that has the packages, which are looked up rather than loaded, because some take seconds.
    static func hasPython(_ packages: String...) -> Bool {
        guard environment["KECHUANG_TEST_PYTHON"] != nil else { return false }
        let program =
            "import importlib.util as u, sys; sys.exit(any(u.find_spec(p) is None for p in sys.argv[1:]))"
        return (try? run(["-c", program] + packages)) != nil
    }

    /// What a Python program prints when it reads `input`; nil where it fails.
    static func python(_ program: String, input: String) throws -> String? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("judgement-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("input")
        try Data(input.utf8).write(to: file)
        return try run(["-c", program, file.path])
    }

    private static func run(_ arguments: [String]) throws -> String? {
        guard let path = environment["KECHUANG_TEST_PYTHON"] else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    /// The cells of a tab-separated or comma-separated file without quotes in it.
    static func rows(_ name: String, separator: Character) throws -> [[String]] {
        let path = "\(data ?? "")/\(name)"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        }
    }
}
