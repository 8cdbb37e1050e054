public import Store

/// Everything that the house holds about a person, for that person (个人信息查阅、复制).
public enum Holdings {
    /// The whole as JSON, with sealed values opened and `{"unreadable": true}` in place of what no key opens; the look
    /// is logged in the same transaction.
    /// - Parameters:
    ///   - columns: the sealed columns of all rooms.
    ///   - rows: the personal rows of all rooms.
    /// - Throws: ``PrivacyError/unknown`` where the actor is no person of the registry.
    public static func export(
        columns: [SealedColumn], rows: [PersonalRows] = [], vault: Vault, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> JSONValue {
        guard let account = actor.account, let card = try AccountStore.find(account, tx) else {
            throw PrivacyError.unknown
        }
        var all: [String: JSONValue] = [
            "account": try JSONValue(encoding: card),
            "memberships": .array(
                actor.memberships.map { membership in
                    [
                        "organisation": .string(membership.organisation.text),
                        "roles": .array(membership.roles.map(\.rawValue).sorted().map { .string($0) }),
                    ]
                }),
            "sealed": .array(try sealed(of: account, columns, vault, tx)),
            "rows": .array(try rows.flatMap { try $0.rows(of: account, tx).map(\.content) }),
            "cases": .array(try cases(of: account, vault, tx)),
        ]
        if let person = actor.person {
            if let known = try Registry.person(person, tx) { all["person"] = try JSONValue(encoding: known) }
            all["facts"] = .array(try Registry.history(of: person.text, tx).map { try JSONValue(encoding: $0) })
            all["content"] = .array(try contents(of: person, vault, tx))
            all["looks"] = .array(
                try Personal.looks(person: person, limit: 1_000, tx).map { look in
                    [
                        "who": .string(look.accountName), "kind": .string(look.kind),
                        "reason": .string(look.reason), "at": .integer(look.at.microseconds),
                    ]
                })
            try Personal.note(
                Personal.Look(person: person, kind: "export", content: "", reason: Personal.ownReason), by: actor,
                at: now, tx)
        }
        return .object(all)
    }

    private static func contents(of person: ID<PersonMark>, _ vault: Vault, _ tx: Tx) throws -> [JSONValue] {
        try Personal.list(of: person, tx).map { item in
            var entry: [String: JSONValue] = [
                "kind": .string(item.kind), "source": .string(item.source), "from": .string(item.from.description),
                "neededUntil": .string(item.neededUntil.description), "commitment": .string(item.commitment),
            ]
            if item.erasedAt == nil {
                entry["value"] = (try? item.value(vault)).map(JSONValue.string) ?? Withheld.data.unreadable
            } else {
                entry["erased"] = .string(item.erasedWhy ?? "")
            }
            return .object(entry)
        }
    }

    /// A value that lies in several places, such as the address of several mails, is given once.
    private static func sealed(
        of account: ID<Account>, _ columns: [SealedColumn], _ vault: Vault, _ tx: Tx
    ) throws -> [JSONValue] {
        var given: [JSONValue] = []
        for column in columns {
            for value in try column.values(of: account, vault, tx) {
                let entry: JSONValue = [
                    "kind": .string(column.kind?.id ?? column.name),
                    "value": value.map(JSONValue.string) ?? Withheld.data.unreadable,
                ]
                if !given.contains(entry) { given.append(entry) }
            }
        }
        return given
    }

    private static func cases(of account: ID<Account>, _ vault: Vault, _ tx: Tx) throws -> [JSONValue] {
        try tx.rows(
            """
            SELECT c.number, c.title_zh, c.title_en, a.content FROM case_file c
            LEFT JOIN case_answers a ON a.case_id = c.id WHERE c.applicant = \(account) ORDER BY c.id LIMIT 1000
            """
        ) { row in
            let content: JSONValue? = try row["content"]
            let answers = content.map { $0.readable(by: vault, or: .data) }
            return [
                "number": .string(try row["number"]), "title": .string(try row["title_zh"]),
                "titleEn": .string(try row["title_en"]), "answers": answers ?? .null,
            ]
        }
    }
}
