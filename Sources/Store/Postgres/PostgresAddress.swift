import CPostgres
import Foundation

/// Where a PostgreSQL is and how to speak to it, read from its address once.
struct PostgresAddress: Sendable {
    private let settings: [String: String]
    /// Sent over a new connection before anything else.
    let session: String

    /// What a long-running service wants where the address says nothing: a dead network is noticed within a minute.
    private static let defaults = [
        "connect_timeout": "10", "fallback_application_name": "kechuang", "client_encoding": "UTF8",
        "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "30000",
    ]

    private static let several = [
        "target_session_attrs": "read-write", "connect_timeout": "3", "tcp_user_timeout": "8000",
        "keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "2",
    ]

    /// - Throws: ``StoreError/cannotOpen(_:)``. The library's own message is kept back, because it quotes the piece
    ///   that it cannot read, and that may be the password.
    init(_ text: String, waitSeconds: Double) throws(StoreError) {
        guard let options = PQconninfoParse(text, nil) else { throw PostgresAddress.unreadable }
        defer { PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // An `@` or `/` in a password cuts the address at the wrong place, and messages would show what follows.
        let places = [found["host"], found["dbname"], found["user"]]
        guard !places.contains(where: { $0?.contains("@") == true }),
            found["port"]?.allSatisfy({ $0.isNumber || $0 == "," }) != false
        else { throw PostgresAddress.unreadable }
        // Of several servers, the one that takes writes; a machine that is gone must not be waited for as long.
        let defaults =
            found["host"]?.contains(",") == true
            ? PostgresAddress.defaults.merging(PostgresAddress.several) { _, several in several }
            : PostgresAddress.defaults
        settings = defaults.merging(found) { _, given in given }
        let waits = found["options"]?.contains("lock_timeout") == true
        session =
            """
            SET standard_conforming_strings = on; SET timezone = 'UTC'; SET bytea_output = 'hex'; \
            SET extra_float_digits = 1; SET client_min_messages = warning; SET jit = off\
            \(waits ? "" : "; SET lock_timeout = \(max(1, Int(waitSeconds * 1_000)))")
            """
    }

    /// The address in the words of libpq for programs that are started, and their secrets apart: what stands on a
    /// command line can be read by everybody on the machine.
    func words(database: String? = nil) -> (line: String, secrets: [String: String]) {
        var given = settings
        given["dbname"] = database ?? given["dbname"]
        let secrets = ["password": "PGPASSWORD", "sslpassword": "PGSSLPASSWORD"]
        let line = given.keys.sorted().filter { secrets[$0] == nil && $0 != "options" }.map { name in
            let value = (given[name] ?? "").replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(name)='\(value)'"
        }
        let hidden = secrets.compactMap { name, variable in given[name].map { (variable, $0) } }
        return (line.joined(separator: " "), Dictionary(uniqueKeysWithValues: hidden))
    }

    private static let unreadable = StoreError.cannotOpen(
        "the address is not of the form postgres://user:password@host:port/database "
            + "(write special characters in it as %40 for @, %2F for /, %25 for %)")

    /// Connects; blocks. What comes back may be a connection that failed.
    func connect() -> OpaquePointer? {
        let names = settings.keys.sorted()
        let keywords = names.map { strdup($0) }
        let values = names.map { strdup(settings[$0] ?? "") }
        defer { (keywords + values).forEach { free($0) } }
        return PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    }
}
