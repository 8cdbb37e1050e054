public import Kernel
public import Store

/// Upper limits of single accounts, e.g. of a cost heading.
public enum Caps {
    /// Sets or lifts the cap of an account, with an event of the record.
    /// - Throws: ``LedgerError/capBelowBalance(_:balance:)`` where more is there or on its way already.
    public static func set(_ cap: Money?, of account: LedgerAccount, by actor: Actor, at now: Instant, _ tx: Tx) throws
    {
        let held = try Balances.now(account, tx)
        let present = (held?.balance ?? .zero) + (held?.heldIn ?? .zero)
        if let cap, present > cap { throw LedgerError.capBelowBalance(account, balance: present) }
        try tx.run(
            """
            INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen, held_out_fen,
                legs, cap_fen, last_day, revision)
            VALUES (\(account), \(account.kind), \(account.year), \(account[.programme]), \(account[.project]),
                0, 0, 0, 0, 0, \(cap), '', 0)
            ON CONFLICT (id) DO UPDATE SET cap_fen = excluded.cap_fen
            """)
        try Record.append(
            Event(
                room: "ledger", kind: "account.capped", subjectKind: "account", subject: account.text, actor: actor,
                at: now, content: ["capFen": cap.map { .integer($0.fen) } ?? .null]), tx)
    }
}
