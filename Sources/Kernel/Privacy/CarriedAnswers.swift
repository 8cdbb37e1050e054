/// Answers that somebody sends, to be kept over those of before. What is kept sealed is written back as it lies there,
/// whether it is said again or comes as the house shows what it does not give: nothing comes into the open by being
/// saved once more, and what no key opens or what was erased is not lost by it.
struct CarriedAnswers {
    /// What lies there.
    private let kept: JSONValue
    /// The same as whoever fills it in reads it.
    private let shown: JSONValue
    private let sent: JSONValue

    init(_ sent: JSONValue, over kept: JSONValue, by vault: Vault) {
        self.sent = sent
        self.kept = kept
        shown = kept.readable(by: vault, or: .data)
    }

    /// The answers with the sealed and erased values of before in their places, and the names of those that hold what
    /// looks sealed and is not theirs. Whoever could type that would be shown what others sealed, or would say what an
    /// erased answer had been; and what only stands for an answer is none.
    var answers: (content: JSONValue, forged: [String]) {
        guard let members = sent.object else { return (sent, []) }
        var (content, forged) = (members, [String]())
        for (name, value) in members {
            let before = kept[name] ?? .null
            let carried = carried(value, before, shown[name] ?? .null)
            content[name] = carried
            let isForeign = carried.holds { part in part.isWithheld && !before.holds { $0 == part } }
            if isForeign { forged.append(name) }
        }
        return (.object(content), forged.sorted())
    }

    /// - Parameter isMoved: whether this is in a row that is not as it was, of which nobody can say which row it was:
    ///   what only stands for an answer says nothing there.
    private func carried(
        _ value: JSONValue, _ kept: JSONValue, _ shown: JSONValue, isMoved: Bool = false
    ) -> JSONValue {
        if kept.isSealed || kept.isErased {
            return stands(value, for: kept, shown, isMoved: isMoved) ? kept : value
        }
        if let members = value.object {
            var content = members
            for (name, value) in members {
                content[name] = carried(value, kept[name] ?? .null, shown[name] ?? .null, isMoved: isMoved)
            }
            return .object(content)
        }
        guard let rows = value.array, let before = kept.array, kept.holds(\.isWithheld) else { return value }
        return .array(
            rows.enumerated().map { index, row in
                let places = [index] + before.indices
                if let same = places.first(where: { isSame(row, kept[$0] ?? .null, shown[$0] ?? .null) }) {
                    return kept[same] ?? row
                }
                return carried(row, kept[index] ?? .null, shown[index] ?? .null, isMoved: true)
            })
    }

    /// Whether a value is what is kept, as it lies there or as it is shown.
    private func isSame(_ value: JSONValue, _ kept: JSONValue, _ shown: JSONValue) -> Bool {
        if kept.isSealed || kept.isErased { return stands(value, for: kept, shown, isMoved: false) }
        if let members = value.object, let before = kept.object {
            return members.count == before.count
                && members.allSatisfy { name, value in
                    guard let kept = before[name], let shown = shown[name] else { return false }
                    return isSame(value, kept, shown)
                }
        }
        if let items = value.array, let before = kept.array {
            return items.count == before.count
                && items.indices.allSatisfy { isSame(items[$0], before[$0], shown[$0] ?? .null) }
        }
        return value == kept
    }

    private func stands(_ value: JSONValue, for kept: JSONValue, _ shown: JSONValue, isMoved: Bool) -> Bool {
        if Withheld.data.instead.contains(value) { return !isMoved }
        return value == kept || value == shown
    }

    /// The same answers with that sealed which was kept so and which a form does not ask for any more: whole fields, or
    /// columns of tables. What the form asks for is sealed as it says.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    func sealing(_ content: JSONValue, unaskedBy form: Form, by vault: Vault) throws -> JSONValue {
        guard var members = content.object else { return content }
        for (name, value) in members {
            guard let before = kept[name], before.holds(\.isWithheld) else { continue }
            let field = form.field(name)
            if before.isSealed || before.isErased {
                if field == nil { members[name] = try value.sealed(by: vault) }
                continue
            }
            guard let rows = value.array else { continue }
            let asked = Set((field?.columns ?? []).map(\.name))
            var columns: Set<String> = []
            for row in before.array ?? [] {
                for (column, cell) in row.object ?? [:] where cell.isWithheld { columns.insert(column) }
            }
            let unasked = columns.subtracting(asked)
            guard !unasked.isEmpty else { continue }
            members[name] = .array(
                try rows.map { row in try row.changing(unasked) { try $0.sealed(by: vault) } })
        }
        return .object(members)
    }
}
