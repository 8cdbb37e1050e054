import Kernel

/// JSON with measured numbers, which the house's own JSON leaves out because money and records must not hold them.
indirect enum MeasuredJSON {
    case json(JSONValue)
    /// Written as the shortest decimal that reads back the same; what is not finite is null.
    case number(Double)
    case list([MeasuredJSON])
    /// Members in this order.
    case object([(String, MeasuredJSON)])

    static func text(_ value: String) -> MeasuredJSON { .json(.string(value)) }
    static func whole(_ value: Int) -> MeasuredJSON { .json(.integer(Int64(value))) }
    static func number(orNull value: Double?) -> MeasuredJSON { value.map { .number($0) } ?? .json(.null) }

    /// The value on one line.
    var line: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .json(let value): text += value.canonicalText
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text += "\(JSONValue.string(member.0).canonicalText):"
                member.1.write(to: &text)
            }
            text += "}"
        }
    }
}
