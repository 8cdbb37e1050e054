/// Answers of which some lie sealed: `{"sealed": …}` in hexadecimal text in place of a value, be it the whole answer or
/// a cell of a table. What was erased leaves `{"erased": true, "mark": …}`, the mark being the one that digests hold.
extension JSONValue {
    /// Whether this stands in place of a sealed value.
    public var isSealed: Bool { object?.count == 1 && self["sealed"]?.string != nil }

    /// Whether this stands in place of a sealed value that was erased. Its mark is missing where it was erased before
    /// marks were kept, where no key opened it, and for whoever only reads.
    public var isErased: Bool {
        guard let members = object, members["erased"]?.bool == true else { return false }
        return members.count == 1 || members.count == 2 && members["mark"]?.string != nil
    }

    /// Whether this or anything in it is meant.
    func holds(_ isMeant: (JSONValue) -> Bool) -> Bool {
        isMeant(self) || (object?.values.contains { $0.holds(isMeant) } ?? false)
            || (array?.contains { $0.holds(isMeant) } ?? false)
    }

    /// Whether what a problem of a form is about, `field` or `table.row.column`, was erased or cannot be opened.
    public func lacks(_ path: String) -> Bool {
        var value = self
        for part in path.split(separator: ".") {
            guard let next = Int(part).flatMap({ value[$0] }) ?? value[String(part)] else { return false }
            if next.isErased || next == Withheld.data.unreadable { return true }
            value = next
        }
        return false
    }

    // MARK: Sealing

    /// The answers to a form with those sealed that it keeps so; what is sealed or erased already stays as it is.
    /// - Parameter contacts: whether telephones and mail addresses are sealed as well; what is personal always is.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    func sealing(_ form: Form, by vault: Vault, contacts: Bool = true) throws -> JSONValue {
        guard var members = object else { return self }
        for field in form.sealedFields where contacts || field.personal == true {
            guard let value = members[field.name] else { continue }
            if field.isSealed {
                members[field.name] = try value.sealed(by: vault)
            } else if let rows = value.array {
                let columns = field.sealedColumns
                members[field.name] = .array(
                    try rows.map { row in try row.changing(columns) { try $0.sealed(by: vault) } })
            }
        }
        return .object(members)
    }

    /// This value sealed; nothing, and what is sealed or erased already, stays as it is.
    func sealed(by vault: Vault) throws -> JSONValue {
        if self == .null || isSealed || isErased { return self }
        return ["sealed": .string(Digest.hex(try vault.seal(canonicalText)))]
    }

    /// The same object with some members changed.
    func changing(_ names: some Sequence<String>, _ change: (JSONValue) throws -> JSONValue) rethrows -> JSONValue {
        guard var members = object else { return self }
        for name in names {
            if let value = members[name] { members[name] = try change(value) }
        }
        return .object(members)
    }

    /// The same object with all members changed.
    private func changingAll(_ change: (JSONValue) throws -> JSONValue) rethrows -> JSONValue {
        guard let members = object else { return self }
        return .object(try members.mapValues(change))
    }

    /// The same with another value in place of each that is meant, at any depth.
    private func replacing(
        _ isMeant: (JSONValue) -> Bool, _ change: (JSONValue) throws -> JSONValue
    ) rethrows -> JSONValue {
        if isMeant(self) { return try change(self) }
        if let members = object { return .object(try members.mapValues { try $0.replacing(isMeant, change) }) }
        if let items = array { return .array(try items.map { try $0.replacing(isMeant, change) }) }
        return self
    }

    // MARK: Opening

    /// The canonical text of the value that this one seals.
    private func plain(_ vault: Vault) throws -> String {
        guard let bytes = self["sealed"]?.string.flatMap({ Hex.bytes($0) }) else { throw AccessError.unreadableSecret }
        return try vault.open(bytes)
    }

    private func opened(by vault: Vault) throws -> JSONValue {
        try JSONValue(parsing: try plain(vault), fractions: true)
    }

    /// The same answers with those opened that are sealed: for who judges or changes them, and must have all.
    /// - Throws: ``AccessError/unreadableSecret``.
    public func unsealed(by vault: Vault) throws -> JSONValue {
        try changingAll { member in try member.replacing(\.isSealed) { try $0.opened(by: vault) } }
    }

    /// The same answers with those opened that a key opens; the others stay as they lie there, so that whoever goes on
    /// from them keeps them.
    func opening(by vault: Vault) -> JSONValue {
        changingAll { member in member.replacing(\.isSealed) { (try? $0.opened(by: vault)) ?? $0 } }
    }

    /// The answers as whoever filed them reads them: all opened.
    public func readable(by vault: Vault, or words: Withheld) -> JSONValue {
        changingAll { $0.shown(words, opening: vault) }
    }

    /// The answers to a form as whoever may see their case reads them: telephones and mail addresses opened, what is
    /// personal withheld.
    public func readable(_ form: Form, by vault: Vault, or words: Withheld) -> JSONValue {
        guard var members = object else { return self }
        let contacts = Set(form.contactFields.map(\.name))
        for (name, value) in members {
            members[name] = value.shown(words, opening: contacts.contains(name) ? vault : nil)
        }
        return .object(members)
    }

    /// The answers to a form as judges read them: all withheld that the form keeps sealed, whether it lies sealed yet
    /// or not.
    /// - Parameter form: nil withholds what lies sealed.
    public func withheld(_ form: Form?, or words: Withheld) -> JSONValue {
        guard var members = object else { return self }
        for field in form?.sealedFields ?? [] {
            guard let value = members[field.name] else { continue }
            if field.isSealed {
                members[field.name] = value.hidden(words)
            } else if let rows = value.array {
                let columns = field.sealedColumns
                members[field.name] = .array(rows.map { row in row.changing(columns) { $0.hidden(words) } })
            }
        }
        return JSONValue.object(members).changingAll { $0.shown(words, opening: nil) }
    }

    private func hidden(_ words: Withheld) -> JSONValue { self == .null || isErased ? self : words.sealed }

    private func shown(_ words: Withheld, opening vault: Vault?) -> JSONValue {
        replacing({ $0.isSealed || $0.isErased }) { value in
            if value.isErased { return words.erased }
            guard let vault else { return words.sealed }
            return (try? value.opened(by: vault)) ?? words.unreadable
        }
    }

    // MARK: Marks

    /// What stands for a sealed value in a digest.
    private func mark(by vault: Vault) throws -> String { try vault.mark("answer:\(plain(vault))") }

    /// The same answers for a digest that lies in the open: in place of each value that a form seals its keyed mark,
    /// also while it lies in the clear still. See ``marked(by:)``.
    /// - Throws: ``AccessError``.
    public func marked(_ form: Form, by vault: Vault) throws -> JSONValue {
        try sealing(form, by: vault).marked(by: vault)
    }

    /// The same answers for a digest that lies in the open: in place of each sealed value its keyed mark, which an
    /// erased one has kept. That commits to the value and stays when keys change, and nobody without the key can try
    /// values out on it.
    /// - Throws: ``AccessError/unreadableSecret``.
    public func marked(by vault: Vault) throws -> JSONValue {
        try changingAll { member in
            try member.replacing({ $0.isSealed || $0.isErased }) { value in
                if value.isSealed { return ["mark": .string(try value.mark(by: vault))] }
                guard let kept = value["mark"] else { return value }
                return ["mark": kept]
            }
        }
    }

    /// The same answers with what is sealed erased in some members.
    /// - Parameter vault: makes the marks that stay; nil leaves none.
    func erasing(_ isMeant: (String) -> Bool, _ vault: Vault?) -> JSONValue {
        guard var members = object else { return self }
        for (name, value) in members where isMeant(name) {
            members[name] = value.replacing(\.isSealed) { sealed in
                var left: [String: JSONValue] = ["erased": true]
                if let mark = vault.flatMap({ try? sealed.mark(by: $0) }) { left["mark"] = .string(mark) }
                return .object(left)
            }
        }
        return .object(members)
    }
}
