/// Which version of which legal number a step of reasoning used.
public final class LawReference: Hashable, Codable, Sendable {
    public let parameter: String
    /// The day from which this version of the number is the law; with the id it names the version.
    public let from: Day
    public let source: RuleSource

    init(parameter: String, from: Day, source: RuleSource) {
        self.parameter = parameter
        self.from = from
        self.source = source
    }

    public static func == (left: LawReference, right: LawReference) -> Bool {
        left.parameter == right.parameter && left.from == right.from && left.source == right.source
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(parameter)
        hasher.combine(from)
    }
}

/// A legal value and where it stands.
public struct Legal<Value: Sendable>: Sendable {
    public let value: Value
    public let reference: LawReference

    public init(_ value: Value, _ reference: LawReference) {
        self.value = value
        self.reference = reference
    }
}

/// The legal numbers of one day, as a rule reads them when it is made for that day.
public struct Law: Sendable {
    public let day: Day
    let parameters: [String: Parameter]

    /// The same law with other values, for trying out what they would change.
    public func replacing(_ values: [String: ParameterValue]) -> Law {
        var parameters = parameters
        for (id, value) in values {
            guard let old = parameters[id], let dated = old.value(on: day) else { continue }
            parameters[id] = Parameter(
                id: id, title: old.title, unit: old.unit, gives: old.gives, level: old.level, words: old.words,
                values: [DatedValue(value: value, from: day, to: nil, source: dated.source, note: dated.note)])
        }
        return Law(day: day, parameters: parameters)
    }

    private func dated(_ id: String) throws(RuleBookError) -> (ParameterValue, LawReference) {
        guard let parameter = parameters[id] else { throw .unknown(id) }
        guard let dated = parameter.value(on: day) else { throw .noValue(id, day) }
        if dated.value == .unknown { throw .noValue(id, day) }
        return (dated.value, LawReference(parameter: id, from: dated.from, source: dated.source))
    }

    /// A whole number: a count, days, per mille or fen.
    /// - Throws: ``RuleBookError``.
    public func number(_ id: String) throws(RuleBookError) -> Legal<Int64> {
        switch try dated(id) {
        case (.number(let value), let law): Legal(value, law)
        case (.days(let value), let law), (.perMille(let value), let law): Legal(Int64(value), law)
        case (.money(let value), let law): Legal(value.fen, law)
        default: throw .wrongKind(id)
        }
    }

    /// An amount of money.
    /// - Throws: ``RuleBookError``.
    public func money(_ id: String) throws(RuleBookError) -> Legal<Money> {
        guard case (.money(let value), let law) = try dated(id) else { throw .wrongKind(id) }
        return Legal(value, law)
    }

    /// A list of codes.
    /// - Throws: ``RuleBookError``.
    public func codes(_ id: String) throws(RuleBookError) -> Legal<[String]> {
        guard case (.codes(let value), let law) = try dated(id) else { throw .wrongKind(id) }
        return Legal(value, law)
    }

    /// Stretches of a number with what each gives.
    /// - Throws: ``RuleBookError``.
    public func bands(_ id: String) throws(RuleBookError) -> Legal<Bands> {
        guard case (.bands(let value), let law) = try dated(id) else { throw .wrongKind(id) }
        return Legal(value, law)
    }

    /// A number for each code.
    /// - Throws: ``RuleBookError``.
    public func table(_ id: String) throws(RuleBookError) -> Legal<[String: Int64]> {
        guard case (.table(let value), let law) = try dated(id) else { throw .wrongKind(id) }
        return Legal(value, law)
    }

    /// The amounts of all parameters whose id begins with `prefix`, by the rest of the id; those without a known value
    /// on the day are left out.
    public func amounts(under prefix: String) -> [String: Legal<Money>] {
        var found: [String: Legal<Money>] = [:]
        for id in parameters.keys where id.hasPrefix(prefix) {
            if let amount = try? money(id) { found[String(id.dropFirst(prefix.count))] = amount }
        }
        return found
    }
}
