import Foundation

/// A PostgreSQL of the test's own in a temporary folder, reached by a socket there, so that it can be killed.
struct OwnPostgres: Sendable {
    private static let programs = ["17", "16", "15"].map { "/usr/lib/postgresql/\($0)/bin" }
        .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }

    static var isInstalled: Bool { programs != nil }

    private let folder: String

    var address: String { "postgres://kechuang@/postgres?host=\(folder)" }

    init() throws {
        folder = "/tmp/kechuang-own-\(UInt32.random(in: .min ... .max))"
        try run(["/bin/mkdir", folder])
        try program("initdb", "-D", "\(folder)/data", "-A", "trust", "-U", "kechuang", "--locale=C.UTF-8", "-N")
        try start()
    }

    /// Starts it; what is left of a killed one may stand in the way for a moment.
    func start() throws {
        var last: (any Error)?
        for _ in 0..<50 {
            do {
                return try program(
                    "pg_ctl", "-D", "\(folder)/data", "-w", "-l", "\(folder)/log", "-o",
                    "-k \(folder) -c listen_addresses= -c fsync=off", "start")
            } catch {
                last = error
            }
        }
        throw last ?? Failed(command: "start")
    }

    /// Kills the server and one of its sessions without warning.
    func kill(backend: Int) throws {
        let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        guard let server = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw Failed(command: "postmaster.pid")
        }
        for process in [server, Int32(backend)] { _ = Foundation.kill(process, SIGKILL) }
    }

    /// Takes every right to a file of the server's, named from its folder, or gives them back.
    func lock(_ file: String) throws { try run(["/bin/chmod", "000", "\(folder)/data/\(file)"]) }
    func unlock(_ file: String) throws { try run(["/bin/chmod", "600", "\(folder)/data/\(file)"]) }

    func remove() {
        try? program("pg_ctl", "-D", "\(folder)/data", "-m", "immediate", "stop")
        try? run(["/bin/rm", "-rf", folder])
    }

    private struct Failed: Error { let command: String }

    private func program(_ name: String, _ arguments: String...) throws {
        try run(["\(Self.programs ?? "")/\(name)"] + arguments)
    }

    /// PostgreSQL refuses to run as root. `Process` is of no use here: it takes a program for running as long as the
    /// server that it left behind.
    private func run(_ words: [String]) throws {
        let words = geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + words : words
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let arguments = Self.lent(words)
        let environment = Self.lent(["PATH=/usr/bin:/bin", "LC_ALL=C"])
        defer { (arguments + environment).forEach { free($0) } }
        var process: pid_t = 0
        var status: Int32 = -1
        guard posix_spawn(&process, words[0], &actions, nil, arguments, environment) == 0,
            waitpid(process, &status, 0) == process, status == 0
        else { throw Failed(command: words.joined(separator: " ")) }
    }

    /// A list of texts as C wants it; its owner frees them.
    private static func lent(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var list: [UnsafeMutablePointer<CChar>?] = []
        for text in texts { list.append(strdup(text)) }
        return list + [nil]
    }
}
