public import Kernel
public import Store

/// Bank accounts of payees: entered by the payee, confirmed by a treasurer, in force after a waiting time, so that
/// nobody alone and nobody at once leads public money elsewhere.
public struct PayeeAccounts: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let calendar: WorkCalendar
    let rules: RuleBook
    let vault: Vault

    /// Working days between confirmation and effect.
    static let wait = "treasury.account-wait.days"

    /// Enters an account for a payee, as its administrator or as the person.
    /// - Throws: ``TreasuryError/accountFaulty(_:)``, ``TreasuryError/accountOpen`` while another waits.
    public func propose(_ draft: PayeeAccountDraft, for payee: Payee, by actor: Actor) async throws -> PayeeAccount {
        guard payee.isKept(by: actor) else { throw TreasuryError.unknownAccount }
        guard draft.problems.isEmpty else { throw TreasuryError.accountFaulty(draft.problems) }
        let (now, vault) = (clock.now(), vault)
        return try await db.write { tx in
            let waits: Int =
                try tx.value(
                    "SELECT COUNT(*) FROM payee_account WHERE payee = \(payee.id) AND state = 'proposed'") ?? 0
            guard waits == 0 else { throw TreasuryError.accountOpen }
            let id = try PayeeAccountStore.insert(draft, payee, state: .proposed, vault, actor, now, tx)
            try note("account.proposed", id, payee, actor, now, tx)
            return try PayeeAccountStore.require(id, tx)
        }
    }

    /// Confirms an account, having typed its number once more from the payee's paper.
    /// - Throws: ``TreasuryError/accountDiffers``, ``TreasuryError/samePerson``, ``TreasuryError/ownMoney``.
    public func confirm(_ id: ID<PayeeAccount>, number: String, by actor: Actor) async throws -> PayeeAccount {
        try Policy.require(actor, .confirmPayeeAccounts)
        let (now, today) = (clock.now(), zone.day(of: clock.now()))
        let days = try rules.number(PayeeAccounts.wait, on: today)
        let effective = try calendar.adding(workingDays: days, to: today)
        let mark = PayeeAccount.mark(PayeeAccountDraft.digits(number), vault)
        return try await db.write { tx in
            let account = try open(id, actor, tx)
            guard account.numberMark == mark else { throw TreasuryError.accountDiffers }
            try tx.run(
                """
                UPDATE payee_account SET state = 'confirmed', effective_on = \(effective),
                    decided_by = \(actor.account),
                    decided_name = \(actor.name), decided_at = \(now) WHERE id = \(id) AND state = 'proposed'
                """)
            try note("account.confirmed", id, account.payee, actor, now, tx, ["from": .string(effective.description)])
            try tell(
                account,
                Bilingual(
                    "收款账户 \(account.masked) 已确认，\(effective.text(.chinese)) 起生效。",
                    "The bank account \(account.masked) is confirmed and in force from \(effective.text(.english))."),
                now, tx)
            return try PayeeAccountStore.require(id, tx)
        }
    }

    /// Refuses an account that was entered, with a reason.
    public func refuse(_ id: ID<PayeeAccount>, reason: String, by actor: Actor) async throws -> PayeeAccount {
        try Policy.require(actor, .confirmPayeeAccounts)
        try Words.check(reason, "reason", Bilingual("退回原因", "Reason to return"))
        let now = clock.now()
        return try await db.write { tx in
            let account = try open(id, actor, tx)
            try tx.run(
                """
                UPDATE payee_account SET state = 'refused', reason = \(reason), decided_by = \(actor.account),
                    decided_name = \(actor.name), decided_at = \(now) WHERE id = \(id) AND state = 'proposed'
                """)
            try note("account.refused", id, account.payee, actor, now, tx, ["reason": .string(reason)])
            try tell(
                account,
                Bilingual(
                    "收款账户 \(account.masked) 已退回：\(reason)", "The bank account \(account.masked) was returned: \(reason)"
                ),
                now, tx)
            return try PayeeAccountStore.require(id, tx)
        }
    }

    /// Takes over accounts that were known and checked before there was this house; they are in force from a day.
    public func takeOver(
        _ drafts: [(payee: Payee, draft: PayeeAccountDraft)], since day: Day, source: String
    ) async throws {
        let (now, vault) = (clock.now(), vault)
        for start in stride(from: 0, to: drafts.count, by: 200) {
            let part = Array(drafts[start..<min(start + 200, drafts.count)])
            try await db.write { tx in
                for (payee, draft) in part {
                    guard draft.problems.isEmpty else { throw TreasuryError.accountFaulty(draft.problems) }
                    let id = try PayeeAccountStore.insert(
                        draft, payee, state: .confirmed, effectiveOn: day, vault, .system, now, tx)
                    try note("account.taken-over", id, payee, .system, now, tx, ["source": .string(source)])
                }
            }
        }
    }

    private func open(_ id: ID<PayeeAccount>, _ actor: Actor, _ tx: Tx) throws -> PayeeAccount {
        let account = try PayeeAccountStore.require(id, tx)
        guard account.state == .proposed else { throw TreasuryError.accountState }
        guard account.proposedBy != actor.account?.text else { throw TreasuryError.samePerson }
        guard !account.payee.isOwn(actor) else { throw TreasuryError.ownMoney }
        return account
    }

    private func tell(_ account: PayeeAccount, _ text: Bilingual, _ now: Instant, _ tx: Tx) throws {
        try Messages.tell(
            ID(account.proposedBy), Bilingual("收款账户", "Bank account"), text, at: "/bank-accounts", now: now, tx)
    }

    private func note(
        _ kind: String, _ id: ID<PayeeAccount>, _ payee: Payee, _ actor: Actor, _ now: Instant, _ tx: Tx,
        _ more: [String: JSONValue] = [:]
    ) throws {
        var content: [String: JSONValue] = ["payee": .string(payee.id)]
        content.merge(more) { _, new in new }
        try Record.append(
            Event(
                room: "treasury", kind: kind, subjectKind: "payee-account", subject: id.text, actor: actor, at: now,
                content: .object(content)), tx)
    }
}

/// Reads and writes bank accounts.
public enum PayeeAccountStore {
    static func insert(
        _ draft: PayeeAccountDraft, _ payee: Payee, state: PayeeAccount.State, effectiveOn: Day? = nil,
        _ vault: Vault, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> ID<PayeeAccount> {
        let id = ID<PayeeAccount>(UUIDv7.make(at: now))
        try tx.run(
            """
            INSERT INTO payee_account (id, payee_kind, payee, payee_zh, payee_en, holder, bank, branch, cnaps,
                sealed_number, number_mark, number_end, state, proposed_by, proposed_name, proposed_at, effective_on)
            VALUES (\(id), \(payee.kind), \(payee.id), \(payee.name.zh), \(payee.name.en), \(draft.holder),
                \(draft.bank), \(draft.branch), \(draft.cnaps), \(try vault.seal(draft.number)),
                \(PayeeAccount.mark(draft.number, vault)), \(String(draft.number.suffix(4))), \(state),
                \(actor.account?.text ?? "system"), \(actor.name), \(now), \(effectiveOn))
            """)
        return id
    }

    public static func find(_ id: ID<PayeeAccount>, _ tx: Tx) throws -> PayeeAccount? {
        try tx.first("SELECT * FROM payee_account WHERE id = \(id)", PayeeAccount.init(row:))
    }

    /// - Throws: ``TreasuryError/unknownAccount``.
    public static func require(_ id: ID<PayeeAccount>, _ tx: Tx) throws -> PayeeAccount {
        guard let found = try find(id, tx) else { throw TreasuryError.unknownAccount }
        return found
    }

    /// Many accounts in one query.
    static func all(_ ids: [ID<PayeeAccount>], _ tx: Tx) throws -> [ID<PayeeAccount>: PayeeAccount] {
        let found = try tx.rows("SELECT * FROM payee_account WHERE id IN \(list: ids)", PayeeAccount.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The account to which a payee is paid on a day.
    /// - Throws: ``TreasuryError/noAccount(_:from:)`` with the day from which there is one.
    public static func inForce(of payee: Payee, on day: Day, _ tx: Tx) throws -> PayeeAccount {
        let found = try tx.first(
            """
            SELECT * FROM payee_account WHERE payee = \(payee.id) AND state = 'confirmed' AND effective_on <= \(day)
            ORDER BY effective_on DESC, proposed_at DESC, id DESC LIMIT 1
            """, PayeeAccount.init(row:))
        if let found { return found }
        let next: Day? = try tx.value(
            "SELECT MIN(effective_on) FROM payee_account WHERE payee = \(payee.id) AND state = 'confirmed'")
        throw TreasuryError.noAccount(payee.name, from: next)
    }

    /// All that a payee has or had, newest first.
    public static func list(of payees: [String], limit: Int, _ tx: Tx) throws -> [PayeeAccount] {
        try tx.rows(
            "SELECT * FROM payee_account WHERE payee IN \(list: payees) ORDER BY id DESC LIMIT \(limit)",
            PayeeAccount.init(row:))
    }

    /// A page of accounts in a state, newest first, before one.
    public static func list(
        state: PayeeAccount.State, before: ID<PayeeAccount>? = nil, limit: Int, _ tx: Tx
    ) throws -> [PayeeAccount] {
        let rest: SQL = before.map { "AND id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM payee_account WHERE state = \(state) \(rest) ORDER BY id DESC LIMIT \(limit)",
            PayeeAccount.init(row:))
    }

    /// The sealed column of this room.
    public static let sealed = SealedColumn(
        table: "payee_account", column: "sealed_number",
        owner: "(SELECT a.id FROM account a WHERE a.person = payee_account.payee)", mark: "number_mark")
}
