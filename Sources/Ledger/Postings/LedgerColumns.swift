import Store

/// The columns into which the ledger writes many rows at a time.
enum LedgerColumns {
    static let posting = SQLRecords.Columns([
        ("id", .text), ("kind", .text), ("day", .text), ("at", .integer), ("case_id", .text), ("event", .text),
        ("actor", .text), ("actor_name", .text), ("rules", .text), ("text", .text), ("key", .text),
        ("target", .text), ("until", .text),
    ])
    static let leg = SQLRecords.Columns([
        ("posting", .text), ("position", .integer), ("account", .text), ("day", .text), ("held", .bool),
        ("in_fen", .integer), ("out_fen", .integer),
    ])
    static let key = SQLRecords.Columns([("key", .text), ("posting", .text), ("fingerprint", .text)])
    static let hold = SQLRecords.Columns([("posting", .text), ("until", .text)])
    static let day = SQLRecords.Columns([
        ("account", .text), ("day", .text), ("in_fen", .integer), ("out_fen", .integer),
    ])
    static let swing = SQLRecords.Columns([("id", .text), ("dip", .integer), ("rise", .integer)])
    static let month = SQLRecords.Columns([("month", .text)])
    static let monthSum = SQLRecords.Columns([
        ("year", .integer), ("kind", .text), ("programme", .text), ("month", .text), ("shard", .integer),
        ("in_fen", .integer), ("out_fen", .integer), ("legs", .integer),
    ])
    static let accountName = SQLRecords.Columns([
        ("id", .text), ("kind", .text), ("year", .integer), ("programme", .text), ("project", .text),
    ])
    static let account = SQLRecords.Columns([
        ("id", .text), ("kind", .text), ("year", .integer), ("programme", .text), ("project", .text),
        ("in_fen", .integer), ("out_fen", .integer), ("held_in_fen", .integer), ("held_out_fen", .integer),
        ("legs", .integer), ("last_day", .text), ("revision", .integer),
    ])
}
