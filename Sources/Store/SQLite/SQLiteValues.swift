internal import Foundation
internal import GRDB

extension SQLValue {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .bool(let value): (value ? 1 : 0).databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }

    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }
}

/// Turns SQLite's errors into the house's; errors of the caller keep their type.
enum SQLiteErrors {
    static func translate(_ error: DatabaseError) -> StoreError {
        let message = error.message ?? "\(error.resultCode)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE: return .unique(uniqueName(message))
        case .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            return .unique("\(lastWord(message).prefix { $0 != "." })_pkey")
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return .foreignKey(message)
        case .SQLITE_CONSTRAINT_CHECK: return .check(lastWord(message))
        case .SQLITE_CONSTRAINT_NOTNULL: return .notNull(lastWord(message))
        default: break
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy
        // A file that nobody may write is refused when it is opened, so this is a read that tried to write.
        case .SQLITE_READONLY: return .writeForbidden
        case .SQLITE_FULL: return .diskFull(message)
        case .SQLITE_IOERR: return .diskFailed("\(message) (\(error.extendedResultCode.rawValue))")
        case .SQLITE_CORRUPT: return .damaged(message)
        case .SQLITE_CANTOPEN, .SQLITE_NOTADB: return .cannotOpen(message)
        default: return .sql(message)
        }
    }

    /// `UNIQUE constraint failed: call.title, call.year` becomes `call_title_year_key`, the name PostgreSQL knows.
    private static func uniqueName(_ message: String) -> String {
        // An index over an expression is named itself: `UNIQUE constraint failed: index 'call_folded_key'`.
        if let quoted = message.split(separator: "'").dropFirst().first { return String(quoted) }
        guard let list = message.split(separator: ":", maxSplits: 1).last else { return message }
        let columns = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let table = columns.first?.split(separator: ".").first else { return message }
        let names = columns.map { String($0.split(separator: ".").last ?? "") }
        return "\(table)_\(names.joined(separator: "_"))_key"
    }

    private static func lastWord(_ message: String) -> String {
        message.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? message
    }
}
