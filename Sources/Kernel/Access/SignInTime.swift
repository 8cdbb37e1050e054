import Store

/// How long identities of providers and security keys are needed: while their account is open. The time of keeping
/// (`privacy.keep.sign-in`) starts on the day on which it was found closed; who comes back before it is over has them.
enum SignInTime {
    /// Null while the account is open.
    static let identities = Migration(
        id: "2026-11-28-access-identity-time",
        statements: ["ALTER TABLE account_identity ADD COLUMN needed_until TEXT"])
    static let keys = Migration(
        id: "2026-11-28-access-key-time", statements: ["ALTER TABLE account_key ADD COLUMN needed_until TEXT"])

    /// SQL of the last day on which a row of either was needed; null while it is.
    static let neededUntil: SQL = "needed_until"

    /// SQL that is true of a row whose account is closed. Security keys go by request no sooner: whoever sits at a
    /// browser that somebody left open could ask for it, and come in with the password alone once it is granted. Their
    /// owner removes them with a code or a key.
    static let isLeft: SQL = "account IN (SELECT id FROM account WHERE state <> 'active')"

    /// Notes the day for what belongs to closed accounts, and takes it off what belongs to open ones. Processes of the
    /// version before close accounts as well.
    static func note(on today: Day, _ tx: Tx) throws {
        for table: SQL in ["account_identity", "account_key"] {
            try tx.run(
                """
                UPDATE \(table) SET needed_until = NULL WHERE needed_until IS NOT NULL
                    AND account IN (SELECT id FROM account WHERE state = 'active')
                """)
            try tx.run(
                """
                UPDATE \(table) SET needed_until = \(today) WHERE needed_until IS NULL
                    AND account IN (SELECT id FROM account WHERE state <> 'active')
                """)
        }
    }
}
